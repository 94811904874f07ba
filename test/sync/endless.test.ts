import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { socketPair, TimeoutError } from 'bipoll';
import { type Decoder, lines } from 'bipoll/framing';
import { frames, readExactly, readLine, readUntil, writeAll } from 'bipoll/sync';
import { descriptorPairs } from '../support/descriptorPairs';
import { PATIENCE } from '../support/patience';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { describeWhere, isWindows, testWhere } from '../support/where';

/** More than any peer sends, takes, or a system buffers, within BRIEF. */
const ENDLESS = 2 ** 29;
const BRIEF = { timeout: 20 };
const NOW = { timeout: 0 };

/** Peers that keep pace, in processes of their own: a verb gives them no time in this one. */
const FLOOD = `
const bytes = Buffer.alloc(65536);
for (;;) try { fs.writeSync(1, bytes) } catch ({ code }) { if (code !== 'EAGAIN') throw code }
`;
const DRAIN = `
const room = Buffer.alloc(65536);
for (;;) try { fs.readSync(0, room) } catch ({ code }) { if (code !== 'EAGAIN') throw code }
`;
const peers: ChildProcess[] = [];
function startPeer(source: string, stdio: [number | 'ignore', number | 'ignore']): void {
  peers.push(spawn(process.execPath, ['--eval', source], { stdio: [...stdio, 'ignore'] }));
}
afterEach(async () => {
  for (const peer of peers.splice(0)) {
    const exit = once(peer, 'exit');
    if (peer.kill('SIGKILL')) await exit;
  }
});

function timeoutOf(verb: () => unknown): TimeoutError {
  try {
    verb();
  } catch (error) {
    if (error instanceof TimeoutError) return error;
    throw error;
  }
  throw new Error('There was no timeout');
}

/** Takes each piece for something between frames, as a decoder does that skips noise. */
const skipping: Decoder<string> = {
  maxEncodedBytes: ENDLESS,
  decode: ({ length }) => ({ frame: undefined, length }),
  decodeEnd: () => null,
};

const reading: Record<string, (socket: Parameters<typeof readLine>[0], limit: typeof NOW) => void> =
  {
    readExactly: (socket, limit) => readExactly(socket, ENDLESS, limit),
    readUntil: (socket, limit) => readUntil(socket, '\n', { ...limit, maxBytes: ENDLESS }),
    readLine: (socket, limit) => readLine(socket, { ...limit, maxBytes: ENDLESS }),
    frames: (socket, limit) => frames(socket, lines({ maxBytes: ENDLESS }), limit).next(),
    'frames that skips': (socket, limit) => frames(socket, skipping, limit).next(),
  };

describeWhere(!isWindows, 'there are no descriptors on Windows')('a peer that keeps pace', () => {
  describe.each(descriptorPairs)('over $name', ({ open }) => {
    test.each(Object.entries(reading))('does not keep %s beyond its deadline', (name, verb) => {
      const [reader, writer] = open();
      startPeer(FLOOD, ['ignore', writer.fd]);
      readExactly(reader, 1, { timeout: PATIENCE });
      for (const limit of [BRIEF, NOW]) {
        const error = timeoutOf(() => {
          verb(reader, limit);
        });
        expect(error.bytesAvailable).toBe(reader.unread.length);
        if (limit === BRIEF && name !== 'frames that skips') {
          expect(readExactly(reader, 10_000, NOW)).toEqual(Buffer.alloc(10_000));
        }
      }
      reader.close();
      writer.close();
    });

    test('does not keep writeAll beyond its deadline', () => {
      const [reader, writer] = open();
      startPeer(DRAIN, [reader.fd, 'ignore']);
      const error = timeoutOf(() => {
        writeAll(writer, Buffer.alloc(ENDLESS), BRIEF);
      });
      expect(error.message).toMatch(/^writeAll ETIMEDOUT/);
      expect(error.bytesWritten).toBeGreaterThan(0);
      expect(error.bytesWritten).toBeLessThan(ENDLESS);
      reader.close();
      writer.close();
    });
  });
});

test('what is there is read without waiting, in as many pieces as it takes', () => {
  const [reader, writer] = socketPair();
  let total = 0;
  for (let taken; (taken = writer.write(Buffer.alloc(16_384))) > 0;) total += taken;
  expect(total).toBeGreaterThan(65_536);
  expect(readExactly(reader, total, NOW)).toHaveLength(total);
  reader.close();
  writer.close();
});

testWhere(hasTerminals, NO_TERMINALS)('a terminal takes what it has room for at once', () => {
  const [master, terminal] = openTerminal('raw');
  writeAll(master, 'hello, terminal', NOW);
  expect(String(readExactly(terminal, 15, { timeout: PATIENCE }))).toBe('hello, terminal');
  master.close();
  terminal.close();
});
