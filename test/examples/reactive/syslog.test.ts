import { spawn } from 'node:child_process';
import { firstValueFrom } from 'rxjs';
import { bindUdp } from 'bipoll';
import { logEntries, parseEntry } from '../../../examples/reactive/syslog';
import { freshPath } from '../../support/freshPath';
import { unwatched, whereInstalled } from '../../support/whereInstalled';

test('a priority is a facility and a severity, and need not be there', () => {
  const entryOf = (text: string) =>
    parseEntry({ bytes: Buffer.from(text), from: null, truncated: false, dropped: 0 });
  expect(entryOf('<165>app: hello\n')).toEqual({ facility: 20, severity: 5, text: 'app: hello' });
  expect(entryOf('hello')).toEqual({ facility: 1, severity: 5, text: 'hello' });
});

whereInstalled('logger')('logger', () => {
  test('is heard over UDP', async () => {
    const free = bindUdp();
    const port = free.localPort!;
    free.close();
    const entry = firstValueFrom(logEntries({ host: '127.0.0.1', port }));
    const where = ['--udp', '--server', '127.0.0.1', '--port', String(port)];
    const what = ['--priority', 'local0.info', '--tag', 'test', 'hello from logger'];
    spawn('logger', [...where, ...what], { env: unwatched });
    const { facility, severity, text } = await entry;
    expect([facility, severity]).toEqual([16, 6]);
    expect(text).toContain('hello from logger');
  });

  test('is heard at a path', async () => {
    const path = freshPath();
    const entry = firstValueFrom(logEntries({ path }));
    spawn('logger', ['--socket', path, '--priority', 'user.warning', 'hello there'], {
      env: unwatched,
    });
    const { facility, severity, text } = await entry;
    expect([facility, severity]).toEqual([1, 4]);
    expect(text).toContain('hello there');
  });
});
