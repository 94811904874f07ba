import {
  type Backend,
  capabilities,
  connectLocal,
  connectTcp,
  listenLocal,
  listenTcp,
  Poller,
  type StreamSocket,
} from 'bipoll';
import { Broken } from '../outcome';
import { checkWhole, pattern } from './bytes';
import { Closing } from './Closing';
import type { Scenario } from './Scenario';
import { type Transport, transports } from './targets';

const SENT = pattern(5_000);

/** A client and a server that echoes, both in one poller. */
class Echo implements Disposable {
  readonly #closing = new Closing();
  readonly #poller: Poller;
  readonly #server;
  readonly #client: StreamSocket;
  #received = Buffer.alloc(0);
  #sent = 0;
  #echoed = Buffer.alloc(0);

  constructor(backend: Backend, { target }: Transport) {
    try {
      const where = target();
      const isLocal = 'path' in where;
      this.#poller = this.#closing.add(new Poller({ backend }));
      this.#server = this.#closing.add(isLocal ? listenLocal(where) : listenTcp(where));
      this.#poller.monitor(this.#server, 'connectionAvailable');
      const { port } = this.#server as { port?: number };
      this.#client = this.#closing.add(
        isLocal ? connectLocal(where) : connectTcp({ host: '127.0.0.1', port: port! }),
      );
      this.#poller.monitor(this.#client, ['determined', 'readyToWrite']);
    } catch (error) {
      this.#closing[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#closing[Symbol.dispose]();
  }

  play(patience: number): void {
    const until = performance.now() + patience;
    this.#poller.wake();
    while (this.#received.length < SENT.length) {
      if (performance.now() > until) throw new Broken('hang', 'the poller reports nothing more');
      for (const { socket } of this.#poller.wait(patience)) this.#serve(socket);
    }
    checkWhole(this.#received, SENT);
  }

  #serve(socket: unknown): void {
    if (socket === this.#server) this.#accept();
    else if (socket === this.#client) this.#talk();
    else this.#echo(socket as StreamSocket);
  }

  #accept(): void {
    if (!this.#server.connectionAvailable()) return;
    const accepted = this.#closing.add(this.#server.accept());
    this.#poller.monitor(accepted, ['dataAvailable', 'remoteDisconnected']);
  }

  #talk(): void {
    const failure = this.#client.connectionError();
    if (failure) throw failure;
    this.#sent += this.#client.write(SENT, { start: this.#sent });
    const isSent = this.#sent === SENT.length;
    this.#poller.setMonitoredEvents(this.#client, isSent ? 'dataAvailable' : 'readyToWrite');
    this.#received = Buffer.concat([this.#received, read(this.#client)]);
  }

  #echo(socket: StreamSocket): void {
    const bytes = Buffer.concat([this.#echoed, read(socket)]);
    this.#echoed = bytes.subarray(socket.write(bytes));
    const isEchoed = this.#echoed.length === 0;
    this.#poller.setMonitoredEvents(socket, isEchoed ? 'dataAvailable' : 'readyToWrite');
  }
}

function read(socket: StreamSocket): Buffer {
  const buffer = Buffer.alloc(4096);
  const got = socket.read(buffer);
  if (got === null) throw new Broken('wrong bytes', 'an end that nobody has made');
  return buffer.subarray(0, got);
}

export const pollers: readonly Scenario[] = capabilities().backends.flatMap((backend) =>
  transports.map((transport) => ({
    family: 'poller',
    variant: `${transport.name}, ${backend}`,
    play: (patience: number) => {
      using echo = new Echo(backend, transport);
      echo.play(patience);
    },
  })),
);
