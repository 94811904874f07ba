import { type Subscription, VirtualTimeScheduler } from 'rxjs';
import { connectionSettings } from '../../../src/reactive/connection/options';
import { StreamConnection } from '../../../src/reactive/connection/StreamConnection';
import { acceptor } from '../../support/acceptor';
import { drained } from '../../support/drained';
import { ScriptedTransport } from '../../support/ScriptedTransport';

const failure = new Error('the peer is gone');

let scheduler: VirtualTimeScheduler;
let transport: ScriptedTransport;
let connection: StreamConnection;
let seen: string[];
beforeEach(() => {
  scheduler = new VirtualTimeScheduler();
  transport = new ScriptedTransport();
  connection = new StreamConnection(
    transport,
    connectionSettings({ highWaterMark: 4, scheduler }),
    null,
  );
  seen = [];
});
afterEach(() => {
  expect(transport.faults).toEqual([]);
});

/** Reads `data$`, and does something with each chunk. */
function read(take: (text: string) => void = () => undefined): Subscription {
  return connection.data$.subscribe({
    next(chunk) {
      seen.push(chunk.toString());
      take(chunk.toString());
    },
    error: (error: unknown) => seen.push(`# ${(error as Error).message}`),
    complete: () => seen.push('|'),
  });
}

const arrive = (text: string) => {
  transport.events.onBytes(Buffer.from(text));
};

describe('whoever is told of something may at once', () => {
  test('close it, out of next: the end follows, and no more bytes', () => {
    read(() => {
      connection.close();
    });
    arrive('one');
    transport.events.onBytes(Buffer.from('two')); // of the same batch
    expect(seen).toEqual(['one', '|']);
  });

  test('unsubscribe out of next: what follows waits for the next reader', () => {
    const reading = read(() => {
      reading.unsubscribe();
    });
    arrive('one');
    arrive('two');
    expect(seen).toEqual(['one']);
    read();
    expect(seen).toEqual(['one', 'two']);
  });

  test('unsubscribe and read on, out of next', () => {
    const reading = read(() => {
      reading.unsubscribe();
      read();
    });
    arrive('one');
    arrive('two');
    expect(seen).toEqual(['one', 'two']);
  });

  test('hold it back out of next, and let it go on out of the next of what waited', () => {
    read((text) => {
      if (text === 'one') connection.reading.hold();
    });
    for (const text of ['one', 'two', 'three']) arrive(text);
    expect(seen).toEqual(['one']);
    connection.reading.release();
    expect(seen).toEqual(['one', 'twothree']);
  });

  test('hold and release out of next: nothing is lost, or told twice', () => {
    read(() => {
      connection.reading.hold();
      connection.reading.release();
    });
    for (const text of ['one', 'two']) arrive(text);
    transport.events.onEnd(null);
    expect(seen).toEqual(['one', 'two', '|']);
  });

  test('unsubscribe out of complete', () => {
    const reading = connection.data$.subscribe({
      complete: () => {
        seen.push('|');
        reading.unsubscribe();
      },
    });
    transport.events.onEnd(null);
    expect(seen).toEqual(['|']);
    expect(transport.calls).toEqual(['close']);
  });

  test('close it out of complete', () => {
    connection.data$.subscribe({
      complete: () => {
        connection.close();
      },
    });
    transport.events.onEnd(null);
    expect(transport.calls).toEqual(['close']);
  });

  test('ask for data$ and closed$ out of closed$', () => {
    connection.closed$.subscribe(() => {
      read();
      connection.closed$.subscribe((reason) => seen.push(String(reason)));
    });
    connection.close();
    expect(seen).toEqual(['|', 'null']);
  });

  test('write out of writable$, and fill the queue again', () => {
    let rounds = 0;
    connection.writable$.subscribe(() => {
      if (rounds++ < 3) seen.push(String(connection.write('again')));
    });
    connection.write('first');
    for (let i = 0; i < 6; i++) transport.take();
    expect(seen).toEqual(['false', 'false', 'false']);
    expect(rounds).toBe(4);
  });

  test('close it out of writable$', () => {
    connection.writable$.subscribe(() => {
      connection.close();
    });
    connection.write('first');
    transport.take();
    expect(transport.isClosed).toBe(true);
  });

  test('close it out of a failure to send, which leaves no timer', () => {
    arrive('unread'); // so that the connection would wait for a reader
    connection.write('first');
    drained(connection).subscribe({
      error: () => {
        connection.close();
      },
    });
    transport.fail(failure);
    expect(scheduler.actions.length).toBe(0);
  });
});

describe('while it winds up', () => {
  beforeEach(() => {
    read();
    connection.write('queued');
    connection.windUp();
  });

  test('it closes once all is sent, though somebody is still subscribed', () => {
    expect(transport.isClosed).toBe(false);
    transport.take();
    expect(seen).toEqual(['|']);
    expect(transport.isClosed).toBe(true);
  });

  test('it closes at once when sending fails', () => {
    transport.fail(failure);
    expect(seen).toEqual(['# the peer is gone']);
    expect(transport.isClosed).toBe(true);
  });

  test('it closes after the close timeout, and says why', () => {
    scheduler.flush();
    expect(seen).toEqual(['# connection ETIMEDOUT: 6 bytes were not sent within 5000 ms']);
    expect(scheduler.now()).toBe(5000);
  });
});

test('one that is to wind up after sending has failed says why', () => {
  let reason: unknown;
  connection.accept(
    acceptor(() => {
      connection.closed$.subscribe((error) => (reason = error));
    }),
  );
  arrive('unread');
  connection.write('first');
  transport.fail(failure);
  connection.windUp();
  expect(reason).toBe(failure);
});
