// A small netcat: a loop over stdin and a socket at once, in which neither side ever waits for the other.
//
//   npx tsx examples/netcat.ts --port 7000
//   npx tsx examples/netcat.ts --path /tmp/echo.sock --listen
import { adopt, listenLocal, listenTcp, Poller, type Descriptor, type StreamSocket } from 'bipoll';
import { accept, connect } from 'bipoll/sync';
import { readArguments } from './arguments';

const CHUNK = 64 * 1024;

type Source = Pick<Descriptor, 'read'>;
type Sink = Pick<Descriptor, 'write'>;

/** One direction: what was read and not written yet. */
class Flow {
  #pending = Buffer.alloc(0);
  #hasEnded = false;
  readonly #buffer = Buffer.alloc(CHUNK);

  constructor(
    readonly source: Source,
    readonly sink: Sink,
  ) {}

  /** Whether it waits for its source. */
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
    if (this.wantsRoom) this.#pending = this.#pending.subarray(this.sink.write(this.#pending));
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
    poller.setMonitoredEvents(stdin, outgoing.wantsBytes ? ['readable', 'hangup'] : []);
    poller.setMonitoredEvents(stdout, incoming.wantsRoom ? 'writable' : []);
    poller.setMonitoredEvents(socket, [
      ...(outgoing.wantsRoom ? (['readyToWrite'] as const) : []),
      ...(incoming.wantsBytes ? (['dataAvailable', 'remoteDisconnected'] as const) : []),
    ]);
    poller.wait(Infinity);
    outgoing.move();
    incoming.move();
    if (outgoing.isDone && !hasShutDown) {
      socket.shutdown(); // the peer sees our end, and can still answer
      hasShutDown = true;
    }
  }
}

function main(): void {
  const { target, listens } = readArguments('netcat (--port PORT | --path PATH) [--listen]');
  using stdin = adopt(0, 'descriptor');
  using stdout = adopt(1, 'descriptor');
  if (listens) {
    using server = 'path' in target ? listenLocal(target) : listenTcp(target);
    using socket = accept(server, { timeout: Infinity });
    converse(socket, stdin, stdout);
  } else {
    using socket = connect(target, { timeout: 5000 });
    converse(socket, stdin, stdout);
  }
}

if (require.main === module) main();
