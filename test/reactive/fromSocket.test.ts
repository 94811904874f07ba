import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import {
  config,
  firstValueFrom,
  lastValueFrom,
  map,
  Subject,
  take,
  tap,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs';
import { capabilities, socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import {
  fromSocket,
  type ConnectionOptions,
  decode,
  type EventLoop,
  pacedMap,
} from 'bipoll/reactive';
import { readExactly, readUntil, writeAll } from 'bipoll/sync';
import { readingOf } from '../../src/reactive/connection/Reading';
import { loops } from '../support/loops';
import { bytesOf, fill, Pair, pairOfSockets, slices } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { atRest, settled } from '../support/settled';
import { until } from '../support/until';
import { testWhere } from '../support/where';

const timeout = PATIENCE;

describe.each(loops)('a connection on $name', ({ open }) => {
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

  function pair(
    options: ConnectionOptions = {},
    ends?: ConstructorParameters<typeof Pair>[1],
  ): Pair {
    const made = new Pair({ loop, ...options }, ends);
    pairs.push(made);
    return made;
  }

  describe('reading', () => {
    test('emits what the peer sends, and completes at its end', async () => {
      const { connection: here, peer } = pair();
      writeAll(peer, 'hello', { timeout });
      peer.close();
      expect((await bytesOf(here)).toString()).toBe('hello');
    });

    test('reads nothing before somebody subscribes, and holds the peer back', async () => {
      const { connection: here, peer } = pair();
      here.closed$.subscribe();
      const sent = fill(peer);
      await settled(loop);
      expect(peer.readyToWrite()).toBe(false);
      peer.close();
      expect(await bytesOf(here)).toHaveLength(sent);
    });

    test('gives whoever subscribes next the bytes that follow', async () => {
      const { connection: here, peer } = pair();
      writeAll(peer, 'one', { timeout });
      expect((await firstValueFrom(here.data$)).toString()).toBe('one');
      writeAll(peer, 'two', { timeout });
      expect((await firstValueFrom(here.data$)).toString()).toBe('two');
    });

    test('refuses a second subscriber at the same time', async () => {
      const { connection: here } = pair();
      const first = here.data$.subscribe();
      await expect(firstValueFrom(here.data$)).rejects.toMatchObject({ code: 'ERR_SOCKET_BUSY' });
      first.unsubscribe();
    });

    test('keeps large and small chunks apart that came in one batch', async () => {
      const many = Array.from({ length: 40 }, (_, i) => ({
        pair: pair(),
        bytes: randomBytes(i % 2 ? 60_000 : 10),
      }));
      const kept: Buffer[][] = many.map(() => []);
      for (const [i, each] of many.entries()) {
        each.pair.connection.data$.subscribe((chunk) => kept[i]!.push(chunk));
      }
      for (let round = 0; round < 5; round++) {
        for (const { pair: each, bytes } of many) writeAll(each.peer, bytes, { timeout });
        const enough = (i: number) =>
          Buffer.concat(kept[i]!).length === (round + 1) * many[i]!.bytes.length;
        await until(() => many.every((_, i) => enough(i)));
      }
      for (const [i, { bytes }] of many.entries()) {
        expect(Buffer.concat(kept[i]!).equals(Buffer.concat(Array(5).fill(bytes)))).toBe(true);
      }
    });

    test('lends bytes to who asks for it, and takes them back', async () => {
      const { connection: here, peer } = pair({ borrow: true });
      const seen: string[] = [];
      const kept: Buffer[] = [];
      here.data$.subscribe((chunk) => {
        seen.push(chunk.toString());
        kept.push(chunk);
      });
      writeAll(peer, 'first', { timeout });
      await until(() => seen.length === 1 && kept[0]!.length === 0, 'taking it back');
      writeAll(peer, 'second', { timeout });
      await until(() => seen.length === 2);
      expect(seen).toEqual(['first', 'second']);
    });

    test('gives who does not borrow bytes to keep, also beside one who does', async () => {
      const lending = pair({ borrow: true });
      const giving = pair();
      const kept: Buffer[] = [];
      let lent = 0;
      lending.connection.data$.subscribe(({ length }) => (lent += length));
      giving.connection.data$.subscribe((chunk) => kept.push(chunk));
      const bytes = randomBytes(50_000);
      writeAll(lending.peer, randomBytes(50_000), { timeout });
      writeAll(giving.peer, bytes, { timeout });
      await until(() => Buffer.concat(kept).length === bytes.length);
      writeAll(lending.peer, randomBytes(50_000), { timeout });
      await until(() => lent === 100_000);
      await settled(loop);
      expect(Buffer.concat(kept).equals(bytes)).toBe(true);
    });

    test('fails with the error of the connection', async () => {
      const { connection: here, peer } = pair({}, pairOfSockets());
      here.write('unread');
      const closed = firstValueFrom(here.closed$);
      const reading = bytesOf(here);
      await until(() => peer.dataAvailable());
      peer.close(); // with unread bytes, which is a reset
      await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
      expect(await closed).toMatchObject({ code: 'ECONNRESET' });
    });

    test('stops while the work of a slow consumer is pending', async () => {
      const { connection: here, peer } = pair();
      const work = new Subject<void>();
      const done: string[] = [];
      here.data$
        .pipe(
          decode(lines()),
          map((line) => line.toUpperCase()),
          pacedMap((line) =>
            work.pipe(
              take(1),
              map(() => line),
            ),
          ),
        )
        .subscribe((line) => done.push(line));
      writeAll(peer, 'a\n', { timeout });
      await until(() => work.observed);
      const line = Buffer.alloc(1024, 'x\n');
      const sent = fill(peer, line);
      await settled(loop);
      expect(peer.readyToWrite()).toBe(false); // nothing of it was read
      while (done.length < 1 + sent / 2) {
        if (work.observed) work.next();
        else await until(() => work.observed);
      }
      expect(done.slice(0, 3)).toEqual(['A', 'X', 'X']);
    });
  });

  describe('beside the blocking verbs', () => {
    test('loses no byte between the styles', async () => {
      const { connection: here, socket, peer } = pair();
      writeAll(peer, 'a\nb\nc\nd\ne\n', { timeout });
      expect(await firstValueFrom(here.data$.pipe(decode(lines())))).toBe('a');
      expect(readUntil(socket, '\n', { timeout }).toString()).toBe('b\n');
      const next = await lastValueFrom(here.data$.pipe(decode(lines()), take(2), toArray()));
      expect(next).toEqual(['c', 'd']);
      expect(readExactly(socket, 2, { timeout }).toString()).toBe('e\n');
    });

    test('refuses them while it reads', () => {
      const ends = socketPair();
      const [socket] = ends;
      const { connection: here } = pair({}, ends);
      const busy = expect.objectContaining({ code: 'ERR_SOCKET_BUSY' });
      const reading = here.data$.subscribe();
      expect(() => socket.read(Buffer.alloc(1))).toThrow(busy);
      expect(() => socket.receiveDescriptors(Buffer.alloc(1))).toThrow(busy);
      expect(() => readExactly(socket, 1, { timeout: 0 })).toThrow(busy);
      reading.unsubscribe();
      expect(socket.read(Buffer.alloc(1))).toBe(0);
    });

    test('refuses them while it has bytes queued', async () => {
      const { connection: here, socket, peer } = pair();
      const busy = expect.objectContaining({ code: 'ERR_SOCKET_BUSY' });
      here.write(Buffer.alloc(5_000_000));
      expect(() => socket.write(Buffer.alloc(1))).toThrow(busy);
      expect(() => socket.writev([Buffer.alloc(1)])).toThrow(busy);
      expect(() => {
        socket.shutdown();
      }).toThrow(busy);
      expect(() => {
        writeAll(socket, 'x', { timeout: 0 });
      }).toThrow(busy);
      const drained = firstValueFrom(here.writable$);
      fromSocket(peer, { loop }).data$.subscribe();
      await drained;
      writeAll(socket, 'x', { timeout });
    });

    test('is the same connection when asked for again', () => {
      const { connection: here, socket } = pair();
      expect(fromSocket(socket)).toBe(here);
    });
  });

  describe('writing', () => {
    test('says when the queue is full, and when it has drained', async () => {
      const { connection: here, peer } = pair({ highWaterMark: 1000 });
      const bytes = randomBytes(1_000_000);
      const pieces = slices(bytes, 7001);
      let fullTimes = 0;
      const write = () => {
        for (const piece of { [Symbol.iterator]: () => ({ next: () => pieces.next() }) }) {
          if (here.write(piece)) continue;
          fullTimes++;
          return;
        }
        here.end();
      };
      here.writable$.subscribe(write);
      write();
      const received = await bytesOf(fromSocket(peer, { loop }));
      expect(received.equals(bytes)).toBe(true);
      expect(fullTimes).toBeGreaterThan(1);
    });

    test('leaves the buffer to its owner on return', async () => {
      const { connection: here, peer } = pair();
      const chunk = Buffer.alloc(65_536, 'a');
      while (here.write(chunk));
      chunk.fill('b');
      here.end();
      expect((await bytesOf(fromSocket(peer, { loop }))).includes('b')).toBe(false);
    });

    test('refuses to queue without limit', () => {
      const { connection: here } = pair({ highWaterMark: 10, maxQueueBytes: 1_000_000 });
      const chunk = Buffer.alloc(65_536);
      const writeOn = () => {
        for (let i = 0; i < 1000; i++) here.write(chunk);
      };
      expect(writeOn).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }));
    });

    test('send holds an iterable back while the queue is full', async () => {
      const { connection: here, peer } = pair();
      let pulled = 0;
      function* source() {
        for (; pulled < 200; pulled++) yield Buffer.alloc(50_000, pulled);
        here.end();
      }
      const sent = lastValueFrom(here.send(source()));
      let received = 0;
      let ahead = 0;
      await lastValueFrom(
        fromSocket(peer, { loop }).data$.pipe(
          map((chunk) => {
            received += chunk.length;
            ahead = Math.max(ahead, pulled * 50_000 - received);
          }),
        ),
      );
      expect(received).toBe(10_000_000);
      expect(await sent).toBe(10_000_000);
      expect(ahead).toBeLessThan(1_000_000);
    });

    test('send holds an async iterable back, and ends it when it is unsubscribed', async () => {
      const { connection: here } = pair();
      let pulled = 0;
      let isReturned = false;
      async function* source() {
        try {
          for (; ; pulled++) yield await Promise.resolve(Buffer.alloc(65_536));
        } finally {
          isReturned = true;
        }
      }
      const sending = here.send(source()).subscribe();
      await until(() => pulled > 0);
      expect(await atRest(() => pulled, loop)).toBeLessThan(100);
      sending.unsubscribe();
      await until(() => isReturned);
    });

    test('send holds the connection back that its source reads', async () => {
      const from = pair();
      const to = pair();
      const bytes = randomBytes(5_000_000);
      const through = from.connection.data$.pipe(map((chunk) => chunk));
      const sent = lastValueFrom(to.connection.send(through));
      const origin = fromSocket(from.peer, { loop });
      let handed = 0;
      origin.send(slices(bytes)).subscribe((total) => (handed = total));
      // The far end reads nothing: all of it comes to a halt.
      await until(() => handed > 0);
      expect(await atRest(() => handed, loop)).toBeLessThan(2_500_000);
      const received: Buffer[] = [];
      fromSocket(to.peer, { loop }).data$.subscribe((chunk) => received.push(chunk));
      await until(() => Buffer.concat(received).length === bytes.length);
      origin.end();
      expect(await sent).toBe(bytes.length);
      expect(Buffer.concat(received).equals(bytes)).toBe(true);
    });

    test('send fails if what it has queued cannot be sent', async () => {
      const { connection: here, peer } = pair();
      const sending = lastValueFrom(here.send(slices(Buffer.alloc(5_000_000))));
      peer.close();
      await expect(sending).rejects.toMatchObject({ code: 'EPIPE', syscall: 'write' });
    });

    test('what the peer sent before it left is read before a failure to write is told', async () => {
      const { connection: here, peer } = pair();
      const chunks: string[] = [];
      let failure: unknown;
      writeAll(peer, 'last words', { timeout });
      peer.close();
      here.data$.subscribe({
        next: (chunk) => chunks.push(chunk.toString()),
        error: (error: unknown) => (failure = error),
      });
      here.write('too late'); // which is told when it is tried
      await until(() => failure !== undefined);
      expect(chunks).toEqual(['last words']);
      expect(failure).toMatchObject({ code: 'EPIPE' });
    });

    test('a failure to write closes it once nobody reads any more', async () => {
      const { connection: here, socket, peer } = pair();
      const reading = here.data$.subscribe();
      const closed = firstValueFrom(here.closed$);
      writeAll(peer, 'unread', { timeout });
      peer.close();
      here.write('too late');
      reading.unsubscribe();
      expect(await closed).toMatchObject({ code: 'EPIPE' });
      expect(socket.closed).toBe(true);
    });
  });

  describe('its end', () => {
    test('comes behind what is queued; the peer may still send', async () => {
      const { connection: here, socket, peer } = pair({}, pairOfSockets());
      const bytes = randomBytes(1_000_000);
      here.write(bytes);
      here.end();
      const ended = expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' });
      expect(() => here.write('more')).toThrow(ended);
      const closed = firstValueFrom(here.closed$);
      const there = fromSocket(peer, { loop, allowHalfOpen: true });
      expect((await bytesOf(there)).equals(bytes)).toBe(true);
      there.write('bye');
      there.end();
      expect((await bytesOf(here)).toString()).toBe('bye');
      expect(await closed).toBeNull();
      expect(socket.closed).toBe(true);
    });

    test('follows the end of the peer, unless half-open connections are allowed', async () => {
      const whole = pair({}, pairOfSockets());
      whole.peer.shutdown();
      await bytesOf(whole.connection);
      await until(() => whole.peer.remoteDisconnected());
      const half = pair({ allowHalfOpen: true }, pairOfSockets());
      half.peer.shutdown();
      await bytesOf(half.connection);
      half.connection.write('still here');
      expect(readExactly(half.peer, 10, { timeout }).toString()).toBe('still here');
    });

    test('reaches a peer that answers, and what it answers still comes', async () => {
      const scheduler = new VirtualTimeScheduler(undefined, 1000);
      const { connection: here, peer } = pair({ scheduler, answerTimeout: 50 });
      const there = fromSocket(peer, { loop });
      const answers = there.send(there.data$.pipe(map((chunk) => chunk.toString().toUpperCase())));
      answers.subscribe({ error: () => undefined });
      let heard = '';
      const over = lastValueFrom(here.data$.pipe(tap((chunk) => (heard += chunk.toString()))));
      here.write('question');
      here.end();
      await until(() => heard === 'QUESTION');
      await settled(loop);
      scheduler.flush(); // a pipe ends when nothing more comes for the answer timeout
      await over;
      expect(await firstValueFrom(there.closed$)).toBeNull();
    });

    test('does not cost a reader that is slow what came before', async () => {
      const scheduler = new VirtualTimeScheduler(undefined, 1000);
      const { connection: here, peer } = pair({ scheduler, answerTimeout: 50 });
      const reading = readingOf('connection', here);
      reading.hold();
      const received = bytesOf(here);
      writeAll(peer, 'answer', { timeout });
      here.end();
      scheduler.flush();
      reading.release();
      peer.close();
      expect((await received).toString()).toBe('answer');
    });

    test('leaves a peer that is slow the time to read, and then to answer', async () => {
      const { connection: here, peer } = pair({ answerTimeout: 50 });
      here.write(Buffer.alloc(100_000)); // more than a pipe holds: the rest is in flight
      here.end();
      const received = bytesOf(here);
      await pause(150);
      const there = fromSocket(peer, { loop });
      let length = 0;
      there.data$.subscribe((chunk) => {
        length += chunk.length;
        if (length < 100_000) return;
        there.write('answer');
        there.end();
      });
      expect((await received).toString()).toBe('answer');
    });

    const wherePipes = testWhere(
      !capabilities().features.localHalfClose,
      'the peer hears of the end without the close',
    );
    wherePipes('comes by a close when the peer says nothing for the answer timeout', async () => {
      const { connection: here, peer } = pair({ answerTimeout: 50 });
      here.data$.subscribe();
      const since = performance.now();
      here.end();
      await firstValueFrom(here.closed$);
      expect(performance.now() - since).toBeGreaterThan(49);
      await until(() => peer.remoteDisconnected());
    });

    test('is heard of by who only subscribes to closed$, also late', async () => {
      const { connection: here, peer } = pair();
      const closed = firstValueFrom(here.closed$);
      peer.close();
      expect(await closed).toBeNull();
      expect(await firstValueFrom(here.closed$)).toBeNull();
      expect(await lastValueFrom(here.data$, { defaultValue: 'complete' })).toBe('complete');
    });

    test('closes once, within next as well, and says nothing more', async () => {
      const { connection: here, peer } = pair();
      const seen: unknown[] = [];
      here.closed$.subscribe((reason) => seen.push(reason));
      here.data$.subscribe({
        next() {
          here.close();
          here.close();
        },
        complete: () => seen.push('complete'),
      });
      writeAll(peer, 'x', { timeout });
      await until(() => seen.length === 2);
      await settled(loop);
      expect(seen).toEqual(['complete', null]);
    });

    test('may be an error of the caller', async () => {
      const { connection: here } = pair();
      const error = new Error('a protocol error');
      const reading = bytesOf(here);
      const closed = firstValueFrom(here.closed$);
      here.close(error);
      await expect(reading).rejects.toBe(error);
      expect(await closed).toBe(error);
    });

    test('comes with the core socket', async () => {
      const { connection: here, socket } = pair();
      const reading = bytesOf(here);
      socket.close();
      expect(await reading).toHaveLength(0);
      expect(await firstValueFrom(here.closed$)).toBeNull();
    });

    test('comes when nothing moves for the idle timeout, and not before', async () => {
      const scheduler = new VirtualTimeScheduler();
      const passTo = (time: number) => {
        scheduler.schedule(() => undefined, time - scheduler.now());
        scheduler.maxFrames = time;
        scheduler.flush();
      };
      const { connection: here, peer } = pair({ scheduler, idleTimeout: 100 });
      const closed = firstValueFrom(here.closed$);
      let heard = 0;
      here.data$.subscribe({ next: ({ length }) => (heard += length), error: () => undefined });
      passTo(60);
      writeAll(peer, 'x', { timeout });
      await until(() => heard === 1);
      passTo(159);
      here.write('x');
      await settled(loop);
      passTo(258);
      expect(here.socket.closed).toBe(false);
      passTo(259);
      expect(here.socket.closed).toBe(true);
      expect(await closed).toMatchObject({ code: 'ETIMEDOUT' });
    });
  });

  test('two of one batch can close each other', async () => {
    const [one, other] = [pair(), pair()];
    const told: string[] = [];
    for (const [i, each] of [one, other].entries()) {
      each.connection.data$.subscribe(() => {
        told.push(`${i}`);
        (i === 0 ? other : one).connection.close();
      });
    }
    writeAll(one.peer, 'x', { timeout });
    writeAll(other.peer, 'x', { timeout });
    await until(() => told.length > 0);
    await settled(loop);
    expect(told).toHaveLength(1);
  });

  test('bytes of one that another of the same batch unsubscribed wait for the next reader', async () => {
    const [one, other] = [pair(), pair()];
    const told: string[] = [];
    const subscriptions = [one, other].map((each, i) =>
      each.connection.data$.subscribe(() => {
        told.push(`${i}`);
        subscriptions[1 - i]!.unsubscribe();
      }),
    );
    writeAll(one.peer, 'bytes', { timeout });
    writeAll(other.peer, 'bytes', { timeout });
    await until(() => told.length > 0);
    const silenced = told[0] === '0' ? other : one;
    expect((await firstValueFrom(silenced.connection.data$)).toString()).toBe('bytes');
  });

  test.each(['in order', 'by a reset'])(
    'bytes of one that another of the same batch held back come before its end, %s',
    async (how) => {
      const made = () => (how === 'by a reset' ? pair({}, pairOfSockets()) : pair());
      const [one, other] = [made(), made()];
      const told: string[] = [];
      const readings = [one, other].map((each) => readingOf('connection', each.connection));
      for (const [i, each] of [one, other].entries()) {
        if (how === 'by a reset') each.connection.write('unread');
        each.connection.data$.subscribe({
          next(chunk) {
            told.push(`${i} ${chunk.toString()}`);
            if (told.length === 1) readings[1 - i]!.hold();
          },
          error: () => told.push(`${i} #`),
          complete: () => told.push(`${i} |`),
        });
        writeAll(each.peer, 'bytes', { timeout });
        each.peer.close();
      }
      await until(() => told.length === 2);
      const [first, second] = told[0]!.startsWith('0') ? [0, 1] : [1, 0];
      await settled(loop);
      expect(told.some((each) => each.startsWith(`${second}`))).toBe(false);
      readings[second]!.release();
      await until(() => told.length === 4);
      const mark = how === 'by a reset' ? '#' : '|';
      const expected = [
        `${first} bytes`,
        `${first} ${mark}`,
        `${second} bytes`,
        `${second} ${mark}`,
      ];
      expect(told).toEqual(expected);
    },
  );

  test('what a subscriber throws does not cost the others their bytes', async () => {
    const many = Array.from({ length: 5 }, () => pair());
    const unhandled: unknown[] = [];
    config.onUnhandledError = (error) => unhandled.push(error);
    let told = 0;
    for (const [i, { connection: here, peer }] of many.entries()) {
      here.data$.subscribe(() => {
        told++;
        if (i === 0) throw new Error('a mistake');
      });
      writeAll(peer, 'x', { timeout });
    }
    await until(() => told === 5 && unhandled.length === 1);
    config.onUnhandledError = null;
  });

  test('bad arguments are refused with a code', () => {
    const { connection: here } = pair();
    const badType = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => here.write(5 as never)).toThrow(badType);
    expect(() => here.send('text' as never)).toThrow(badType);
    expect(() => here.send(Buffer.alloc(1) as never)).toThrow(badType);
    expect(() => here.send(null as never)).toThrow(badType);
    expect(() => {
      here.close('why' as never);
    }).toThrow(badType);
    expect(() => fromSocket({} as never)).toThrow(badType);
    expect(() => fromSocket(here.socket, { loop: {} as never })).toThrow(badType);
    expect(() => fromSocket(here.socket, { highWaterMark: 0 })).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
  });
});
