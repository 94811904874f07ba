// Sends back whatever its clients send, to many of them at once, with one poller and no callback.
//
//   npx tsx examples/echo-server.ts --port 7000
//   npx tsx examples/echo-server.ts --path /tmp/echo.sock
import {
  Poller,
  type Socket,
  SocketError,
  type StreamEvent,
  type StreamServer,
  type StreamSocket,
} from 'bipoll';
import { addressOf, listen, readArguments } from './arguments';

const CHUNK = 64 * 1024;

interface Client {
  socket: StreamSocket;
  /** What it sent and has not got back yet. */
  owed: Buffer;
  /** Whether it will send nothing more. It may still be waiting for its replies. */
  hasEnded: boolean;
}

export class EchoServer {
  readonly #clients = new Map<Socket, Client>();
  readonly #buffer = Buffer.alloc(CHUNK);

  constructor(
    readonly server: StreamServer,
    readonly poller: Poller,
  ) {
    poller.monitor(server, 'connectionAvailable');
  }

  /** Waits once, and serves whoever is ready. */
  turn(timeout: number): void {
    for (const { socket, events } of this.poller.wait(timeout)) {
      const client = this.#clients.get(socket);
      try {
        if (!client) {
          this.#welcome();
        } else {
          client.hasEnded ||= events.includes('remoteDisconnected');
          this.#serve(client);
        }
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        // A client that was reset or is gone. From accept: nobody is waiting any more, or there are
        // no descriptors left, and then the poller asks again by and by.
        if (client) this.#dismiss(client);
      }
    }
  }

  #welcome(): void {
    const client = { socket: this.server.accept(), owed: Buffer.alloc(0), hasEnded: false };
    this.#clients.set(client.socket, client);
    this.poller.monitor(client.socket, eventsFor(client));
  }

  #serve(client: Client): void {
    const { socket } = client;
    if (client.owed.length === 0) {
      const got = socket.read(this.#buffer);
      if (got === null) {
        this.#dismiss(client);
        return;
      }
      client.owed = Buffer.from(this.#buffer.subarray(0, got));
    }
    client.owed = client.owed.subarray(socket.write(client.owed));
    this.poller.setMonitoredEvents(socket, eventsFor(client));
  }

  #dismiss({ socket }: Client): void {
    this.#clients.delete(socket);
    socket.close(); // which takes it out of the poller
  }
}

/** Who does not take what it is owed is not read from: it is held back, not buffered for. */
function eventsFor({ owed, hasEnded }: Client): StreamEvent[] {
  if (owed.length === 0) return ['dataAvailable', 'remoteDisconnected'];
  // A client may vanish while it is owed something, which is no readiness to write: writing then fails.
  // But one that has only half-closed stays disconnected, and asking again would never wait.
  return hasEnded ? ['readyToWrite'] : ['readyToWrite', 'remoteDisconnected'];
}

function main(): void {
  const { target } = readArguments('echo-server (--port PORT [--host HOST] | --path PATH)');
  using server = listen(target);
  using poller = new Poller();
  const echo = new EchoServer(server, poller);
  console.log(`listening on ${addressOf(server)}`);
  for (;;) echo.turn(Infinity);
}

if (require.main === module) main();
