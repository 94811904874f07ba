import { createHash } from 'node:crypto';
import { firstValueFrom } from 'rxjs';
import { adopt, listenTcp, socketPair, type StreamSocket } from 'bipoll';
import { type Connection, EventLoop, fromSocket } from 'bipoll/reactive';
import { accept, connect, readExactly, writeAll } from 'bipoll/sync';
import { loops } from '../../support/loops';
import { PATIENCE } from '../../support/patience';
import { whereCapable } from '../../support/whereCapable';

const limit = { timeout: PATIENCE };
const MUCH = Buffer.alloc(150_000, 'much');

// What a loop has received before anybody could be told of it: over io_uring, much; over others, nothing.
describe.each(loops)('bytes received ahead on $name', ({ open }) => {
  let loop: EventLoop;
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    loop.close();
  });

  /** A connection whose first chunk somebody took, of many bytes that the peer has sent, and who left then. */
  async function leftEarly(theirs: StreamSocket, ours: StreamSocket) {
    let sent = 0;
    for (let taken = 1; taken > 0 && sent < MUCH.length; sent += taken) taken = theirs.write(MUCH);
    const connection = fromSocket(ours, { loop });
    const first = await firstValueFrom(connection.data$);
    return { connection, taken: first.length, left: sent - first.length };
  }

  whereCapable('descriptorPassing')('of a socket that is to be given away', () => {
    test('are read first, or it stays here', async () => {
      const [theirs, ours] = socketPair();
      const { left } = await leftEarly(theirs, ours);
      let owner = ours;
      try {
        owner = adopt(ours.detach(), 'local') as StreamSocket;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_SOCKET_BUSY' });
        expect(ours.closed).toBe(false);
      }
      const bytes = readExactly(owner, left, limit);
      expect(createHash('sha1').update(bytes).digest()).toHaveLength(20);
      expect(bytes.equals(MUCH.subarray(MUCH.length - left))).toBe(true);
      for (const socket of [theirs, owner]) socket.close();
    });
  });
});
