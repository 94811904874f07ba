// A small netcat: a loop over stdin and a socket at once, in which neither side ever waits for the other.
//
//   npx tsx examples/netcat.ts 127.0.0.1 7000
//   npx tsx examples/netcat.ts --listen --path /tmp/nc.sock
import { parseArgs } from 'node:util';
import { adopt, type Descriptor, Poller, SocketError, type StreamSocket } from 'bipoll';
import { accept, connect } from 'bipoll/sync';
import { addressOf, listen, misused, targetOf } from './arguments';

const CHUNK = 64 * 1024;

type Source = Pick<Descriptor, 'read'>;
type Sink = Pick<Descriptor, 'write'>;

/** One direction: at most one chunk that was read and is not written yet. */
class Flow {
  #pending = Buffer.alloc(0);
  #hasEnded = false;
  readonly #buffer = Buffer.alloc(CHUNK);

  constructor(
    readonly source: Source,
    readonly sink: Sink,
  ) {}

  /** Whether it waits for its source: not while its sink is slow, which holds the source back. */
  get wantsBytes(): boolean {
    return !this.#hasEnded && this.#pending.length === 0;
  }

  /** Whether it waits for its sink. */
  get wantsRoom(): boolean {
    return this.#pending.length > 0;
  }

  /** Whether all has gone through, to the end. */
  get isDone(): boolean {
    return this.#hasEnded && this.#pending.length === 0;
  }

  /** Moves what can be moved now. */
  move(): void {
    if (this.wantsBytes) {
      const got = this.source.read(this.#buffer);
      this.#hasEnded = got === null;
      this.#pending = this.#buffer.subarray(0, got ?? 0);
    }
    if (!this.wantsRoom) return;
    try {
      this.#pending = this.#pending.subarray(this.sink.write(this.#pending));
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      // Nobody listens any more. What comes the other way is still to be heard.
      this.#hasEnded = true;
      this.#pending = Buffer.alloc(0);
    }
  }
}

/** Connects stdin and stdout with a socket until the peer has ended and all of it is written. */
export function converse(socket: StreamSocket, stdin: Descriptor, stdout: Descriptor): void {
  using poller = new Poller();
  const outgoing = new Flow(stdin, socket);
  const incoming = new Flow(socket, stdout);
  let hasShutDown = false;
  for (const each of [stdin, stdout, socket]) poller.monitor(each, []);
  while (!incoming.isDone) {
    poller.setMonitoredEvents(stdin, outgoing.wantsBytes ? 'readable' : []);
    poller.setMonitoredEvents(stdout, incoming.wantsRoom ? 'writable' : []);
    poller.setMonitoredEvents(socket, [
      ...(outgoing.wantsRoom ? (['readyToWrite'] as const) : []),
      ...(incoming.wantsBytes ? (['dataAvailable', 'remoteDisconnected'] as const) : []),
    ]);
    poller.wait(Infinity);
    outgoing.move();
    incoming.move();
    if (outgoing.isDone && !hasShutDown) {
      hasShutDown = true;
      if (!socket.remoteDisconnected()) socket.shutdown(); // the peer sees our end, and can still answer
    }
  }
}

const USAGE = 'netcat [--listen] (HOST PORT | --path PATH)';

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { path: { type: 'string' }, listen: { type: 'boolean', default: false } },
  });
  const target = targetOf(values.path, ...positionals) ?? misused(USAGE);
  using socket = values.listen ? acceptOne(target) : connect(target, { timeout: 5000 });
  using stdin = adopt(0, 'descriptor');
  using stdout = adopt(1, 'descriptor');
  converse(socket, stdin, stdout);
}

function acceptOne(target: Parameters<typeof listen>[0]): StreamSocket {
  using server = listen(target);
  console.error(`listening on ${addressOf(server)}`); // stdout is for what the peer says
  return accept(server, { timeout: Infinity });
}

if (require.main === module) main();
