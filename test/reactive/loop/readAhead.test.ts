import { randomBytes } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import {
  adopt,
  capabilities,
  listenTcp,
  type LocalStream,
  type Socket,
  socketPair,
  type StreamSocket,
} from 'bipoll';
import { type EventLoop, fromSocket } from 'bipoll/reactive';
import { accept, connect, readExactly, readSome, writeAll } from 'bipoll/sync';
import { loops } from '../../support/loops';
import { PATIENCE } from '../../support/patience';
import { describeWhere, isWindows } from '../../support/where';

const limit = { timeout: PATIENCE };
const SENT = randomBytes(150_000);
const { descriptorPassing } = capabilities().features;

// A loop may have received bytes of which nobody was told yet: much over io_uring, nothing over others.
describe.each(loops)('bytes that $name has received ahead', ({ open }) => {
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

  /** Who reads leaves after the first chunk. @returns what is left to read */
  async function leaveEarly(peer: StreamSocket, ours: StreamSocket): Promise<Buffer> {
    let sent = 0;
    for (let taken = 1; taken > 0 && sent < SENT.length; sent += taken) {
      taken = peer.write(SENT, { start: sent });
    }
    const first = await firstValueFrom(fromSocket(ours, { loop }).data$);
    return SENT.subarray(first.length, sent);
  }

  describeWhere(descriptorPassing, 'no descriptors')('of a socket that is given away', () => {
    test('are read first, or detach() refuses and changes nothing', async () => {
      const [peer, ours] = socketPair();
      sockets.push(peer, ours);
      const left = await leaveEarly(peer, ours);
      let reader: StreamSocket = ours;
      try {
        reader = adopt(ours.detach(), 'local');
        sockets.push(reader);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SOCKET_BUSY' });
      }
      expect(readExactly(reader, left.length, limit).equals(left)).toBe(true);
      if (reader === ours) expect(ours.detach()).toBeGreaterThan(2);
    });

    test('are read by its next owner, or passing it is refused', async () => {
      const [peer, ours] = socketPair();
      const [sender, receiver] = socketPair();
      sockets.push(peer, ours, sender, receiver);
      const left = await leaveEarly(peer, ours);
      let reader: StreamSocket = ours;
      try {
        sender.sendDescriptors(Buffer.from('x'), [ours]);
        reader = receiver.receiveDescriptors(Buffer.alloc(1)).sockets[0] as LocalStream;
        sockets.push(reader);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SOCKET_BUSY' });
      }
      expect(readExactly(reader, left.length, limit).equals(left)).toBe(true);
    });
  });

  describeWhere(!isWindows, 'Wine ends such a connection in order')('of a TCP connection', () => {
    test('that is closed without reading them: it is reset', async () => {
      const server = listenTcp({ port: 0 });
      const peer = connect({ port: server.port }, limit);
      const ours = accept(server, limit);
      sockets.push(server, peer, ours);
      writeAll(peer, SENT, limit);
      await firstValueFrom(fromSocket(ours, { loop }).data$);
      ours.close();
      expect(() => readSome(peer, limit)).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
    });
  });
});
