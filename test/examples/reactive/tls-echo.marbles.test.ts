import type { Duplex } from 'node:stream';
import { concat, finalize, ignoreElements, map, take } from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { type SecureClient, tlsEcho } from '../../../examples/reactive/tls-echo';
import { marbles } from '../../support/marbles';

/** A handshake of one frame, which names the version; and the streams of those that have made it. */
function handshakes() {
  const opened: jest.Mocked<Pick<Duplex, 'pipe'>>[] = [];
  let left = 0;
  const secure = (connection: Connection) => {
    const client = (hello: Buffer): SecureClient => {
      const stream = { pipe: jest.fn() };
      opened.push(stream);
      return { version: String(hello), stream: stream as unknown as Duplex };
    };
    const shakes = connection.data$.pipe(take(1), map(client));
    const stays = connection.data$.pipe(ignoreElements());
    return concat(shakes, stays).pipe(finalize(() => left++));
  };
  return { secure, opened, left: () => left };
}

test(
  'each client is told of when it has shaken hands, and gets back what it says',
  marbles((scheduler) => {
    const { secure, opened, left } = handshakes();
    const a = virtualConnection(scheduler, '--2---x--|');
    const b = virtualConnection(scheduler, '-----3--|');
    const served = tlsEcho(virtualListener(scheduler, '-ab|', { a, b }), secure);
    scheduler.expectObservable(served).toBe('--2--3---|');
    scheduler.flush();
    expect(opened).toHaveLength(2);
    for (const stream of opened) expect(stream.pipe.mock.calls).toEqual([[stream]]);
    expect(left()).toBe(2);
  }),
);

test(
  'a handshake that fails, or never comes, is no concern of the others',
  marbles((scheduler) => {
    const { secure, opened } = handshakes();
    const fails = virtualConnection(scheduler, '--#');
    const mute = virtualConnection(scheduler, ' -----------');
    const good = virtualConnection(scheduler, ' ----3-|');
    const connections$ = virtualListener(scheduler, 'fm-g', { f: fails, m: mute, g: good });
    scheduler.expectObservable(tlsEcho(connections$, secure)).toBe('----3');
    scheduler.flush();
    expect(opened).toHaveLength(1);
  }),
);

test(
  'unsubscribing gives up the handshakes that are under way, and who has made it',
  marbles((scheduler) => {
    const { secure, left } = handshakes();
    const shaking = virtualConnection(scheduler, '------2');
    const shaken = virtualConnection(scheduler, ' --3----');
    const connections$ = virtualListener(scheduler, 'ab', { a: shaking, b: shaken });
    scheduler.expectObservable(tlsEcho(connections$, secure), '^---!').toBe('--3');
    scheduler.flush();
    expect(left()).toBe(2);
  }),
);
