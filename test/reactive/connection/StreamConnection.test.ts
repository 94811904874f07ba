import { runInNewContext } from 'node:vm';
import { VirtualTimeScheduler } from 'rxjs';
import { connectionSettings } from '../../../src/reactive/connection/options';
import { StreamConnection } from '../../../src/reactive/connection/StreamConnection';
import { Demand } from '../../../src/reactive/loop/records';
import { acceptor } from '../../support/acceptor';
import { drained } from '../../support/drained';
import { ScriptedTransport } from '../../support/ScriptedTransport';

const CLOSE_TIMEOUT = 20;
const failure = new Error('the peer is gone');

let scheduler: VirtualTimeScheduler;
let transport: ScriptedTransport;
let connection: StreamConnection;
let seen: unknown[];
beforeEach(() => {
  scheduler = new VirtualTimeScheduler(undefined, 10 * CLOSE_TIMEOUT);
  transport = new ScriptedTransport();
  connection = new StreamConnection(
    transport,
    connectionSettings({ scheduler, closeTimeout: CLOSE_TIMEOUT }),
    null,
  );
  seen = [];
});
afterEach(() => {
  expect(transport.faults).toEqual([]);
});

function read() {
  return connection.data$.subscribe({
    next: (chunk) => seen.push(chunk.toString()),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('|'),
  });
}

const arrive = (text: string) => {
  transport.events.onBytes(Buffer.from(text));
};

describe('a failure to send', () => {
  test('waits for a reader who is held back, also when nothing has arrived for it yet', () => {
    read();
    connection.reading.hold();
    connection.write('x');
    transport.fail(failure);
    scheduler.flush();
    expect(transport.isClosed).toBe(false);
    arrive('last words');
    connection.reading.release();
    transport.events.onEnd(null);
    expect(seen).toEqual(['last words', failure]);
  });

  test('is told at once when nobody reads, and nothing has arrived', () => {
    connection.write('x');
    transport.fail(failure);
    expect(transport.isClosed).toBe(true);
    read();
    expect(seen).toEqual([failure]);
  });

  test('leaves a reader who comes within the close timeout all the time that it needs', () => {
    arrive('last words');
    connection.write('x');
    transport.fail(failure);
    connection.reading.hold();
    read();
    scheduler.flush();
    expect(transport.isClosed).toBe(false);
    connection.reading.release();
    transport.events.onEnd(null);
    expect(seen).toEqual(['last words', failure]);
  });

  test('is told after the close timeout when nobody comes to read', () => {
    arrive('last words');
    connection.write('x');
    transport.fail(failure);
    scheduler.flush();
    expect(transport.isClosed).toBe(true);
    expect(scheduler.now()).toBe(CLOSE_TIMEOUT);
  });

  test('is told once its reader leaves', () => {
    const reading = read();
    connection.reading.hold();
    arrive('unread');
    connection.write('x');
    transport.fail(failure);
    expect(transport.isClosed).toBe(false);
    reading.unsubscribe();
    expect(transport.isClosed).toBe(true);
  });

  test('is told in place of the peer’s end, but not of why reading failed', () => {
    read();
    connection.reading.hold();
    connection.write('x');
    transport.fail(failure);
    const reset = new Error('reset');
    transport.events.onEnd(reset);
    connection.reading.release();
    expect(seen).toEqual([reset]);
  });

  test('makes write say false, and whenDrained fail', () => {
    read();
    connection.write('x');
    transport.fail(failure);
    expect(connection.write('y')).toBe(false);
    expect(transport.calls).toEqual(['send x']);
    drained(connection).subscribe({ error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual([failure]);
  });
});

describe('whenDrained', () => {
  const hear = () =>
    drained(connection).subscribe({
      next: () => seen.push('drained'),
      error: (error: unknown) => seen.push((error as { code?: string }).code),
      complete: () => seen.push('|'),
    });

  test('emits and completes at once while nothing is queued', () => {
    hear();
    expect(seen).toEqual(['drained', '|']);
  });

  test('emits and completes when the last byte is sent', () => {
    connection.write('text');
    hear();
    transport.take(3);
    expect(seen).toEqual([]);
    transport.take();
    expect(seen).toEqual(['drained', '|']);
  });

  test('fails at a close that loses bytes, and later', () => {
    connection.write('text');
    hear();
    connection.close();
    hear();
    expect(seen).toEqual(['ERR_SOCKET_CLOSED', 'ERR_SOCKET_CLOSED']);
  });

  test('calls nobody who does not wait any more', () => {
    const call = jest.fn();
    connection.write('text');
    connection.whenDrained(call);
    connection.forgetDrained(call);
    transport.take();
    connection.close();
    expect(call).not.toHaveBeenCalled();
  });

  test('completes after a close that has lost nothing', () => {
    connection.write('text');
    transport.take();
    connection.close();
    hear();
    expect(seen).toEqual(['drained', '|']);
  });
});

test('close takes an error of whichever realm', () => {
  const foreign = runInNewContext('new Error("of another realm")') as Error;
  expect(foreign instanceof Error).toBe(false);
  read();
  connection.close(foreign);
  expect(seen).toEqual([foreign]);
});

test('one that was accepted notices that the peer leaves, though nobody is subscribed', () => {
  expect(transport.demand).toBe(Demand.Nothing);
  connection.accept(acceptor());
  expect(transport.demand).toBe(Demand.PeerEnd);
});
