import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import { type BytesWritten, fromSocket, type EventLoop } from 'bipoll/reactive';
import { poll, readExactly, writeAll } from 'bipoll/sync';
import { loops } from '../../support/loops';
import { Pair } from '../../support/Pair';
import { PATIENCE } from '../../support/patience';
import { settled } from '../../support/settled';
import { until } from '../../support/until';

const timeout = PATIENCE;

describe.each(loops)('the event loop, $name', ({ open }) => {
  let loop: EventLoop;
  let pairs: Pair[];
  beforeEach(() => {
    loop = open();
    pairs = [];
  });
  afterEach(() => {
    for (const pair of pairs) pair.close();
    loop.close();
  });

  function pair(): Pair {
    const made = new Pair({ loop });
    pairs.push(made);
    return made;
  }

  describe('a batch of records', () => {
    test('never goes to a connection that was made meanwhile, in place of one that was closed', async () => {
      const [one, other] = [pair(), pair()];
      const told: string[] = [];
      let late: Pair | undefined;
      for (const each of [one, other]) {
        each.connection.data$.subscribe(() => {
          told.push('data');
          (each === one ? other : one).connection.close();
          late = pair();
          late.connection.data$.subscribe(() => told.push('of another'));
        });
      }
      writeAll(one.peer, 'x', { timeout });
      writeAll(other.peer, 'x', { timeout });
      await until(() => late !== undefined);
      writeAll(late!.peer, 'its own', { timeout });
      await until(() => told.length === 2);
      await settled(loop);
      expect(told).toEqual(['data', 'of another']);
    });

    test('stays whole when a callback blocks, and what was written before is sent', async () => {
      const all = Array.from({ length: 5 }, pair);
      const idle = pair();
      const told: string[] = [];
      for (const each of all) {
        each.connection.data$.subscribe((chunk) => {
          told.push(chunk.toString());
          if (told.length > 1) return;
          for (const other of all) other.connection.write('answer');
          poll(idle.socket, 'dataAvailable', 1);
        });
      }
      for (const [i, each] of all.entries()) writeAll(each.peer, `${i}`, { timeout });
      await until(() => told.length >= all.length);
      await settled(loop);
      expect([...told].sort()).toEqual(['0', '1', '2', '3', '4']);
      for (const { peer } of all) {
        expect(readExactly(peer, 6, { timeout }).toString()).toBe('answer');
      }
    });

    test('is told to each connection in the context in which it was made', async () => {
      const storage = new AsyncLocalStorage<number>();
      const all = Array.from({ length: 5 }, (_, i) => storage.run(i, pair));
      const seen: (number | undefined)[] = [];
      for (const [i, each] of all.entries()) {
        each.connection.data$.subscribe(() => (seen[i] = storage.getStore()));
      }
      for (const each of all) writeAll(each.peer, 'x', { timeout });
      await until(() => seen.filter((store) => store !== undefined).length === all.length);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
    });
  });

  describe('what is written', () => {
    test('before the thread blocks is told of to who wrote it, and not to one that was made since', async () => {
      const [first, idle] = [pair(), pair()];
      first.connection.write('text');
      poll(idle.socket, 'dataAvailable', 1);
      first.connection.close();
      const second = pair();
      const told: BytesWritten[] = [];
      const onWrite = (message: unknown) => told.push(message as BytesWritten);
      diagnostics.subscribe('bipoll:connection:write', onWrite);
      second.connection.write('more text');
      await until(() => told.length > 0);
      await settled(loop);
      diagnostics.unsubscribe('bipoll:connection:write', onWrite);
      expect(told).toEqual([
        expect.objectContaining({ connection: second.connection, bytes: 9, queuedBytes: 0 }),
      ]);
    });

    test('before the thread blocks several times is told of to nobody else, whoever closes meanwhile', async () => {
      const [first, second, idle] = [pair(), pair(), pair()];
      const block = () => poll(idle.socket, 'dataAvailable', 1);
      const told: { of: string; bytes: number }[] = [];
      let late: Pair | undefined;
      const onWrite = (message: unknown) => {
        const { connection: of, bytes } = message as BytesWritten;
        const isLate = of === late?.connection;
        told.push({ of: isLate ? 'late' : of === first.connection ? 'first' : 'second', bytes });
        if (of === first.connection) {
          of.close();
        } else if (!late) {
          late = pair();
          late.connection.data$.subscribe();
        }
      };
      diagnostics.subscribe('bipoll:connection:write', onWrite);
      first.connection.write('one');
      block();
      second.connection.write('two');
      first.connection.write('three');
      block();
      await until(() => told.length > 1);
      await settled(loop);
      diagnostics.unsubscribe('bipoll:connection:write', onWrite);
      expect(told).toEqual([
        { of: 'first', bytes: 3 },
        { of: 'second', bytes: 3 },
      ]);
    });

    test('keeps its order, small before large before small', () => {
      const { connection: here, peer } = pair();
      here.write('small');
      here.write(Buffer.alloc(20_000, 'L'));
      here.write('small');
      here.close();
      expect(readExactly(peer, 20_010, { timeout }).toString()).toBe(
        `small${'L'.repeat(20_000)}small`,
      );
    });

    test('counts as queued, if it is large, as far as the system has not taken it', async () => {
      const { connection: here, peer } = pair();
      const told: BytesWritten[] = [];
      const onWrite = (message: unknown) => told.push(message as BytesWritten);
      diagnostics.subscribe('bipoll:connection:write', onWrite);
      expect(here.write(Buffer.alloc(5_000_000))).toBe(false);
      fromSocket(peer, { loop }).data$.subscribe();
      await until(() => told.at(-1)?.queuedBytes === 0);
      diagnostics.unsubscribe('bipoll:connection:write', onWrite);
      let left = 5_000_000;
      for (const { bytes, queuedBytes } of told) expect(queuedBytes).toBe((left -= bytes));
    });

    test('to one, to another and to the first again keeps its order', async () => {
      const [one, other] = [pair(), pair()];
      const large = 'L'.repeat(15_000);
      for (let i = 0; i < 20; i++) one.connection.write(`${i} ${large}`);
      other.connection.write('between');
      one.connection.write('behind');
      one.connection.end();
      let received = '';
      fromSocket(one.peer, { loop }).data$.subscribe((chunk) => (received += chunk.toString()));
      await until(() => received.endsWith('behind'));
      const sent = Array.from({ length: 20 }, (_, i) => `${i} ${large}`);
      expect(received === `${sent.join('')}behind`).toBe(true);
      expect(readExactly(other.peer, 7, { timeout }).toString()).toBe('between');
    });

    test('goes before what a verb writes', () => {
      const { connection: here, socket, peer } = pair();
      here.write('first');
      socket.write(Buffer.from('second'));
      expect(readExactly(peer, 11, { timeout }).toString()).toBe('firstsecond');
    });

    test('goes out before a close', () => {
      const { connection: here, peer } = pair();
      here.write('last words');
      here.close();
      expect(readExactly(peer, 10, { timeout }).toString()).toBe('last words');
    });

    test('may be more within one turn than is collected at once', async () => {
      const { connection: here, peer } = pair();
      const lengths = Array.from({ length: 40 }, (_, i) => 1000 + 137 * i);
      const expected = lengths.map((length, i) => String.fromCharCode(65 + i).repeat(length));
      for (const text of expected) here.write(text);
      here.end();
      let received = '';
      fromSocket(peer, { loop }).data$.subscribe((chunk) => (received += chunk.toString()));
      const all = expected.join('');
      await until(() => received.length >= all.length);
      expect(received === all).toBe(true);
    });

    test('is counted as queued until the system has taken it', async () => {
      const { connection: here, peer } = pair();
      const told: BytesWritten[] = [];
      const onWrite = (message: unknown) => told.push(message as BytesWritten);
      diagnostics.subscribe('bipoll:connection:write', onWrite);
      for (const text of ['a', 'bc', 'def']) here.write(text);
      await until(() => told.length > 0);
      here.write('ghij');
      await until(() => told.length > 1);
      diagnostics.unsubscribe('bipoll:connection:write', onWrite);
      expect(told.map(({ bytes, queuedBytes }) => [bytes, queuedBytes])).toEqual([
        [6, 0],
        [4, 0],
      ]);
      expect(readExactly(peer, 10, { timeout }).toString()).toBe('abcdefghij');
    });
  });
});
