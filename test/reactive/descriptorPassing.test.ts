import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { lastValueFrom, NEVER, take, toArray } from 'rxjs';
import {
  adopt,
  capabilities,
  connectTcp,
  Descriptor,
  listenTcp,
  LocalStream,
  openTimer,
  type Socket,
  socketPair,
} from 'bipoll';
import {
  type Connection,
  type ConnectionOptions,
  type EventLoop,
  fromSocket,
  pacedMap,
  QueueFullError,
  SocketBusyError,
  type WithDescriptors,
} from 'bipoll/reactive';
import { readExactly, readSome, writeAll } from 'bipoll/sync';
import { canCountDescriptors, openDescriptors } from '../support/descriptors';
import { loops } from '../support/loops';
import { fill } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { until } from '../support/until';
import { describeWhere } from '../support/where';

const timeout = PATIENCE;
const { descriptorPassing } = capabilities().features;

describeWhere(descriptorPassing, 'there is no passing of descriptors')('descriptors', () => {
  describe.each(loops)('on $name', ({ open }) => {
    let loop: EventLoop;
    let sockets: Socket[];
    beforeEach(() => {
      loop = open();
      sockets = [];
    });
    afterEach(() => {
      for (const socket of sockets) socket.close();
      loop.close();
    });

    function pair(): [LocalStream, LocalStream] {
      const made = socketPair();
      sockets.push(...made);
      return made;
    }

    function connected(options: ConnectionOptions = {}): [Connection, LocalStream] {
      const [here, peer] = pair();
      return [fromSocket(here, { loop, ...options }), peer];
    }

    /** What a connection brings, in its order: text of chunks, and descriptors. */
    function heard({ data$, descriptors$ }: Connection): (string | Socket)[] {
      const all: (string | Socket)[] = [];
      descriptors$.subscribe((descriptor) => {
        sockets.push(descriptor);
        all.push(descriptor);
      });
      data$.subscribe((chunk) => all.push(chunk.toString()));
      return all;
    }

    /** Whether a stream is the other end of this one. */
    function areEnds(left: Socket | string | undefined, right: LocalStream): boolean {
      if (!(left instanceof LocalStream)) return false;
      writeAll(left, 'x', { timeout });
      return readExactly(right, 1, { timeout }).toString() === 'x';
    }

    /** Waits until all descriptors of the other end are closed. */
    async function isClosedAtTheOtherEnd(socket: LocalStream): Promise<void> {
      await until(() => socket.remoteDisconnected(), 'closing the other end');
    }

    describe('that come', () => {
      test('are emitted before the chunk that has their byte', async () => {
        const [connection, peer] = connected();
        const all = heard(connection);
        const [mine, theirs] = pair();
        peer.sendDescriptors(Buffer.from('take it'), [theirs]);
        theirs.close();
        await until(() => all.length === 2);
        expect(areEnds(all[0], mine)).toBe(true);
        expect(all[1]).toBe('take it');
      });

      test('keep their order among the bytes', async () => {
        const [connection, peer] = connected();
        const all = heard(connection);
        const ends: LocalStream[] = [];
        for (let i = 0; i < 40; i++) {
          const [mine, theirs] = pair();
          ends.push(mine);
          writeAll(peer, '.', { timeout });
          peer.sendDescriptors(Buffer.from('!'), [theirs]);
          theirs.close();
        }
        const bytes = () => all.filter((each) => typeof each === 'string').join('');
        await until(() => bytes().length === 80);
        expect(bytes()).toBe('.!'.repeat(40));
        // Each has come by the time its byte does.
        let descriptors = 0;
        let marks = 0;
        for (const each of all) {
          if (typeof each === 'string') marks += each.split('!').length - 1;
          else expect(areEnds(each, ends[descriptors++]!)).toBe(true);
          expect(marks).toBeLessThanOrEqual(descriptors);
        }
        expect(descriptors).toBe(40);
      });

      test('of which one message may have as many as the engine takes', async () => {
        const [connection, peer] = connected();
        const all = heard(connection);
        const [mine, theirs] = pair();
        for (let i = 0; i < 3; i++) {
          peer.sendDescriptors(Buffer.from('x'), new Array<Socket>(64).fill(theirs));
        }
        theirs.close();
        await until(() => all.length === 3 * 65);
        for (const each of all) if (typeof each !== 'string') each.close();
        await isClosedAtTheOtherEnd(mine);
      });

      test('that are no sockets come as Descriptors', async () => {
        const [connection, peer] = connected();
        const all = heard(connection);
        using directory = adopt(openSync(tmpdir(), 'r'), 'descriptor');
        peer.sendDescriptors(Buffer.from('x'), [directory]);
        await until(() => all.length === 2);
        expect(all[0]).toBeInstanceOf(Descriptor);
      });

      test('are closed while nobody is subscribed to them', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        const chunk = lastValueFrom(connection.data$.pipe(take(1)));
        peer.sendDescriptors(Buffer.from('x'), [theirs]);
        theirs.close();
        await chunk;
        await isClosedAtTheOtherEnd(mine);
      });

      test('are closed when their subscriber has left after an earlier one', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        const first = lastValueFrom(connection.descriptors$.pipe(take(1)));
        connection.data$.subscribe();
        peer.sendDescriptors(Buffer.from('x'), [theirs, theirs, theirs]);
        theirs.close();
        (await first).close();
        await isClosedAtTheOtherEnd(mine);
      });

      test('are not received before the data is read', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        const got: Socket[] = [];
        connection.descriptors$.subscribe((descriptor) => got.push(descriptor));
        peer.sendDescriptors(Buffer.from('x'), [theirs]);
        theirs.close();
        await settled(loop);
        expect(got).toEqual([]);
        connection.data$.subscribe();
        await until(() => got.length === 1);
        expect(areEnds(got[0], mine)).toBe(true);
        got[0]?.close();
      });

      test('hold back the bytes while a slow subscriber works on them', async () => {
        const [connection, peer] = connected();
        const [, theirs] = pair();
        const got: Socket[] = [];
        const chunks: string[] = [];
        connection.descriptors$
          .pipe(
            pacedMap((descriptor) => {
              got.push(descriptor);
              return NEVER;
            }),
          )
          .subscribe();
        connection.data$.subscribe((chunk) => chunks.push(chunk.toString()));
        peer.sendDescriptors(Buffer.from('a'), [theirs]);
        peer.sendDescriptors(Buffer.from('b'), [theirs]);
        await until(() => got.length === 1);
        await settled(loop);
        expect([got.length, chunks]).toEqual([1, []]);
        got[0]?.close();
      });

      test('wait with their bytes for the next reader, in either style', async () => {
        const made = [connected(), connected()] as const;
        const ends = made.map(([connection, peer]) => {
          const [mine, theirs] = pair();
          peer.sendDescriptors(Buffer.from('x'), [theirs]);
          theirs.close();
          connection.descriptors$.subscribe((descriptor) => sockets.push(descriptor));
          return mine;
        });
        // Whichever comes first in the batch takes the reader away from the other.
        const readers = made.map(([{ data$ }], index) =>
          data$.subscribe(() => {
            readers[1 - index]?.unsubscribe();
          }),
        );
        await until(() => readers.some(({ closed }) => closed));
        const last = readers.findIndex(({ closed }) => closed);
        readers[1 - last]?.unsubscribe();
        const { socket } = made[last]![0];
        if (!(socket instanceof LocalStream)) throw new Error('it is no local stream');
        const { bytes, sockets: received } = socket.receiveDescriptors(Buffer.alloc(8));
        sockets.push(...received);
        expect(bytes).toBe(1);
        expect(areEnds(received[0], ends[last]!)).toBe(true);
      });

      test('are closed with the connection that keeps them for a reader', async () => {
        const made = [connected(), connected()] as const;
        const ends = made.map(([connection, peer]) => {
          const [mine, theirs] = pair();
          peer.sendDescriptors(Buffer.from('x'), [theirs]);
          theirs.close();
          connection.descriptors$.subscribe((descriptor) => {
            descriptor.close();
          });
          return mine;
        });
        const readers = made.map(([{ data$ }], index) =>
          data$.subscribe(() => {
            readers[1 - index]?.unsubscribe();
          }),
        );
        await until(() => readers.some(({ closed }) => closed));
        for (const [connection] of made) connection.close();
        for (const end of ends) await isClosedAtTheOtherEnd(end);
      });

      test('are over with the data, and with the connection', async () => {
        const [connection, peer] = connected();
        const all = lastValueFrom(connection.descriptors$.pipe(toArray()));
        connection.data$.subscribe();
        peer.close();
        expect(await all).toEqual([]);
        connection.close();
        expect(await lastValueFrom(connection.descriptors$.pipe(toArray()))).toEqual([]);
      });

      test('have one subscriber at a time', () => {
        const [{ descriptors$ }] = connected();
        const errors: unknown[] = [];
        const first = descriptors$.subscribe();
        descriptors$.subscribe({ error: (error: unknown) => errors.push(error) });
        expect(errors).toEqual([expect.any(SocketBusyError)]);
        first.unsubscribe();
        descriptors$.subscribe().unsubscribe();
      });
    });

    describe('that are sent', () => {
      test('are the sender’s to close at once', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        expect(connection.write({ bytes: 'take it', descriptors: [theirs] })).toBe(true);
        theirs.close();
        const all = heard(fromSocket(peer, { loop }));
        await until(() => all.length === 2);
        expect(areEnds(all[0], mine)).toBe(true);
        expect(all[1]).toBe('take it');
      });

      test('go behind what was written before, and before what is written after', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        connection.write('before ');
        connection.write({ bytes: Buffer.from('with '), descriptors: [theirs] });
        connection.write('after');
        theirs.close();
        const all = heard(fromSocket(peer, { loop }));
        await until(() => all.filter((each) => typeof each === 'string').join('').length === 17);
        const texts = all.filter((each) => typeof each === 'string');
        expect(texts.join('')).toBe('before with after');
        const first = all.findIndex((each) => typeof each !== 'string');
        expect('before ').toContain(texts.slice(0, first).join(''));
        expect(areEnds(all[first], mine)).toBe(true);
      });

      test('wait in the queue while the peer is slow, closed here', async () => {
        const [connection, peer] = connected();
        const [mine, theirs] = pair();
        const filled = fill(connection.socket);
        expect(connection.write({ bytes: 'late', descriptors: [theirs] })).toBe(false);
        theirs.close();
        const drained = lastValueFrom(connection.writable$.pipe(take(1)));
        readExactly(peer, filled, { timeout });
        await drained;
        const { bytes, sockets: received } = peer.receiveDescriptors(Buffer.alloc(8));
        sockets.push(...received);
        expect(bytes).toBe(4);
        expect(areEnds(received[0], mine)).toBe(true);
        expect(connection.write('on')).toBe(true);
        connection.end();
        expect(readSome(peer, { timeout })?.toString()).toBe('on');
      });

      test('are refused when too many wait', () => {
        const [connection] = connected();
        const [, theirs] = pair();
        fill(connection.socket);
        const parcel: WithDescriptors = {
          bytes: 'x',
          descriptors: new Array<Socket>(32).fill(theirs),
        };
        connection.write(parcel);
        connection.write(parcel);
        expect(() => connection.write(parcel)).toThrow(QueueFullError);
        expect(() => connection.write(parcel)).toThrow('64 descriptors');
      });

      test('are closed with the connection that could not send them', async () => {
        const [connection] = connected();
        const [mine, theirs] = pair();
        fill(connection.socket);
        connection.write({ bytes: 'late', descriptors: [theirs, theirs] });
        theirs.close();
        connection.close();
        await isClosedAtTheOtherEnd(mine);
      });

      test('come from a source, which waits until each is sent', async () => {
        const [connection, peer] = connected();
        const all = heard(fromSocket(peer, { loop }));
        const ends: LocalStream[] = [];
        function* parcels(): Generator<WithDescriptors> {
          for (let i = 0; i < 300; i++) {
            const [mine, theirs] = pair();
            ends.push(mine);
            yield { bytes: `${i}\n`, descriptors: [theirs] };
            theirs.close();
          }
        }
        const total = await lastValueFrom(connection.send(parcels()));
        const text = () => all.filter((each) => typeof each === 'string').join('');
        await until(() => text().length === total);
        expect(text()).toBe(Array.from({ length: 300 }, (_, i) => `${i}\n`).join(''));
        const received = all.filter((each) => typeof each !== 'string');
        expect(received.every((each, i) => areEnds(each, ends[i]!))).toBe(true);
      });

      test('must be open, have a descriptor, and a byte to go with', () => {
        const [connection] = connected();
        const [open, closed] = pair();
        closed.close();
        using timer = openTimer({ delay: 1000 });
        const write = (parcel: unknown) => () => connection.write(parcel as WithDescriptors);
        const refusal = (code: string) => expect.objectContaining({ code }) as Error;
        expect(write({ bytes: '', descriptors: [open] })).toThrow(refusal('ERR_INVALID_ARG_VALUE'));
        expect(write({ bytes: 1, descriptors: [open] })).toThrow(refusal('ERR_INVALID_ARG_TYPE'));
        expect(write({ bytes: 'x' })).toThrow(refusal('ERR_INVALID_ARG_TYPE'));
        expect(write({ bytes: 'x', descriptors: [1] })).toThrow(refusal('ERR_INVALID_ARG_TYPE'));
        expect(write({ bytes: 'x', descriptors: [closed] })).toThrow(refusal('ERR_SOCKET_CLOSED'));
        expect(write({ bytes: 'x', descriptors: [timer] })).toThrow(
          refusal('ERR_INVALID_ARG_VALUE'),
        );
        expect(connection.queuedBytes).toBe(0);
      });
    });

    test('are never leaked', async () => {
      if (!canCountDescriptors) return;
      const before = openDescriptors();
      for (let i = 0; i < 100; i++) {
        const [left, right] = socketPair();
        const [mine, theirs] = socketPair();
        const [sender, receiver] = [fromSocket(left, { loop }), fromSocket(right, { loop })];
        receiver.descriptors$.subscribe((descriptor) => {
          descriptor.close();
        });
        const chunk = lastValueFrom(receiver.data$.pipe(take(1)));
        sender.write({ bytes: 'x', descriptors: [theirs] });
        await chunk;
        for (const socket of [left, right, mine, theirs]) socket.close();
      }
      expect(openDescriptors()).toBeLessThan(before + 20);
    });
  });

  test('need a local connection', async () => {
    using server = listenTcp({ port: 0 });
    using client = connectTcp({ host: server.host, port: server.port });
    const connection = fromSocket(client);
    const refusal = expect.objectContaining({ code: 'ENOTSUP' }) as Error;
    await expect(lastValueFrom(connection.descriptors$)).rejects.toEqual(refusal);
    expect(() => connection.write({ bytes: 'x', descriptors: [server] })).toThrow(refusal);
    await expect(
      lastValueFrom(connection.send([{ bytes: 'x', descriptors: [server] }])),
    ).rejects.toEqual(refusal);
  });
});
