// Sends back whatever its clients send, to many of them at once, with one poller and no callback.
//
//   npx tsx examples/echo-server.ts --port 7000
//   npx tsx examples/echo-server.ts --path /tmp/echo.sock
import { listenLocal, listenTcp, Poller, type StreamServer, type StreamSocket } from 'bipoll';
import { readArguments } from './arguments';

const CHUNK = 64 * 1024;

/** What a client sent and has not got back yet. */
interface Client {
  socket: StreamSocket;
  owed: Buffer;
}

export class EchoServer {
  readonly #clients = new Map<unknown, Client>();
  readonly #buffer = Buffer.alloc(CHUNK);

  constructor(
    readonly server: StreamServer,
    readonly poller: Poller,
  ) {
    poller.monitor(server, 'connectionAvailable');
  }

  /** Waits once, and serves whoever is ready. */
  turn(timeout: number): void {
    for (const { socket } of this.poller.wait(timeout)) {
      const client = this.#clients.get(socket);
      if (client) this.#serve(client);
      else if (socket === this.server) this.#welcome(this.server.accept());
    }
  }

  #welcome(socket: StreamSocket): void {
    this.#clients.set(socket, { socket, owed: Buffer.alloc(0) });
    this.poller.monitor(socket, ['dataAvailable', 'remoteDisconnected']);
  }

  #serve(client: Client): void {
    try {
      if (client.owed.length === 0) {
        const got = client.socket.read(this.#buffer);
        if (got === null) {
          this.#dismiss(client);
          return;
        }
        client.owed = Buffer.from(this.#buffer.subarray(0, got));
      }
      client.owed = client.owed.subarray(client.socket.write(client.owed));
      // Who does not take what it is owed is not read from: it is held back, not buffered for.
      this.poller.setMonitoredEvents(
        client.socket,
        client.owed.length > 0 ? 'readyToWrite' : ['dataAvailable', 'remoteDisconnected'],
      );
    } catch {
      this.#dismiss(client); // reset, or gone while it was owed something
    }
  }

  #dismiss({ socket }: Client): void {
    this.#clients.delete(socket);
    socket.close(); // which takes it out of the poller
  }
}

function main(): void {
  const { target } = readArguments('echo-server (--port PORT [--host HOST] | --path PATH)');
  using server = 'path' in target ? listenLocal(target) : listenTcp(target);
  using poller = new Poller();
  const echo = new EchoServer(server, poller);
  console.log(`listening on ${JSON.stringify(target)}`);
  for (;;) echo.turn(Infinity);
}

if (require.main === module) main();
