import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { echo } from '../../../examples/reactive/echo';
import { startExample } from '../../support/example';
import { slices } from '../../support/Pair';
import { atRest } from '../../support/settled';
import { until } from '../../support/until';
import { stop, untilSaid } from '../peers';
import { atLeast, reset, Service, talk, targets, untilEnd } from './Service';

describe.each(targets)('the echo over $name', ({ target }) => {
  let service: Service<number>;
  beforeEach(() => {
    service = new Service(target(), echo);
  });
  afterEach(() => {
    service.stop();
  });

  test('gives many clients at once back what they sent, and the end behind it', async () => {
    const sent = Array.from({ length: 30 }, () => randomBytes(1_000_000));
    const received = await Promise.all(
      sent.map(async (bytes) => {
        return talk(await service.client(), bytes, atLeast(bytes.length));
      }),
    );
    expect(received.every((bytes, i) => bytes.equals(sent[i]!))).toBe(true);
    await service.untilLeft();
    expect(service.ended).toBeUndefined();
  });

  test('does not read from a client that does not read, and serves the others meanwhile', async () => {
    const [slow, other] = [await service.client(), await service.client()];
    const bytes = randomBytes(32 * 1024 * 1024);
    for (const slice of slices(bytes)) slow.write(slice);
    slow.end();
    await until(() => service.emitted.length > 0, 'the first echo');
    expect(await atRest(() => service.emitted.at(-1))).toBeLessThan(bytes.length);
    expect(String(await talk(other, 'hello', atLeast(5)))).toBe('hello');
    expect((await untilEnd(slow)).equals(bytes)).toBe(true);
  });

  test('goes on after a client that vanished while it was owed something', async () => {
    const [gone, other] = [await service.client(), await service.client()];
    gone.write(randomBytes(32 * 1024 * 1024));
    await until(() => service.emitted.length > 0, 'the first echo');
    await atRest(() => service.emitted.at(-1));
    reset(gone);
    expect(String(await talk(other, 'still there', atLeast(11)))).toBe('still there');
    await service.untilLeft();
    expect(service.ended).toBeUndefined();
  });
});

test('the echo program serves', async () => {
  const program = startExample('reactive/echo', ['--port', '0']);
  try {
    const said = await untilSaid(program, /listening on .*\n/);
    const client = net.connect(Number(/ (\d+)\n/.exec(said)![1]));
    client.end('hello');
    expect(String(await untilEnd(client))).toBe('hello');
  } finally {
    await stop(program);
  }
});
