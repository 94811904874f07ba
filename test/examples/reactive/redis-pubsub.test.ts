import { type ChildProcess, spawn } from 'node:child_process';
import { lastValueFrom, mergeMap, type Subscription, take } from 'rxjs';
import { connect } from 'bipoll/reactive';
import { type News, publish, subscribe } from '../../../examples/reactive/redis-pubsub';
import { until } from '../../support/until';
import { whereInstalled } from '../../support/whereInstalled';
import { stop, untilSaid } from '../peers';
import { freePort } from '../../support/freePort';

whereInstalled('redis-server')('with a real redis-server', () => {
  const target = { host: '127.0.0.1', port: freePort() };
  let server: ChildProcess;
  let subscription: Subscription | undefined;
  let news: News[];
  beforeEach(async () => {
    news = [];
    server = await start();
  });
  afterEach(async () => {
    subscription?.unsubscribe();
    await stop(server);
  });

  async function start(): Promise<ChildProcess> {
    const args = [
      '--bind',
      target.host,
      '--port',
      `${target.port}`,
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await untilSaid(started, /ready to accept connections/i);
    return started;
  }

  const say = (channel: string, text: string) =>
    lastValueFrom(
      connect(target).pipe(
        mergeMap((connection) => publish(connection, channel, text)),
        take(1),
      ),
    );
  const count = (kind: News['kind']) => news.filter((each) => each.kind === kind).length;

  function listenTo(...channels: string[]): void {
    subscription = subscribe(connect(target), channels, { delay: 10, maxDelay: 50 }).subscribe(
      (each) => news.push(each),
    );
  }

  test('what is published is heard on its channels, in order', async () => {
    listenTo('news', 'sport');
    await until(() => count('subscribe') === 2, 'subscribing');
    expect(await say('weather', 'rain')).toBe(0);
    expect(await say('news', 'grüß dich\r\n')).toBe(1);
    const large = 'x'.repeat(3_000_000);
    expect(await say('sport', large)).toBe(1);
    expect(await say('news', '')).toBe(1);
    await until(() => count('message') === 3, 'hearing');
    expect(news.slice(2)).toEqual([
      { kind: 'message', channel: 'news', text: 'grüß dich\r\n' },
      { kind: 'message', channel: 'sport', text: large },
      { kind: 'message', channel: 'news', text: '' },
    ]);
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'a subscription outlives a server that was ended by %s and restarted, twice',
    async (signal) => {
      listenTo('news');
      for (let life = 1; life <= 3; life++) {
        await until(() => count('subscribe') === life, 'subscribing');
        expect(await say('news', `life ${life}`)).toBe(1);
        await until(() => count('message') === life, 'hearing');
        server.kill(signal);
        await stop(server);
        server = await start();
      }
      expect(news.flatMap((each) => (each.kind === 'message' ? [each.text] : []))).toEqual([
        'life 1',
        'life 2',
        'life 3',
      ]);
    },
  );
});
