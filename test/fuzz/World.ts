import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, type StreamServer, type StreamSocket } from 'bipoll';
import { End } from './End';
import { ServerEnd } from './ServerEnd';
import { type Watched, Watcher } from './Watcher';

/** All that a sequence of steps has opened, each thing with what the model knows of it. */
export class World {
  readonly servers: ServerEnd[] = [];
  /** Those that have a socket. */
  readonly ends: End[] = [];
  readonly watchers: readonly Watcher[];
  /** How many were taken. */
  steps = 0;
  readonly #directory = mkdtempSync(join(tmpdir(), 'bipoll-fuzz-'));
  #count = 0;

  constructor(backends: readonly Backend[]) {
    this.watchers = backends.map((backend) => new Watcher(backend));
  }

  freshPath(): string {
    return join(this.#directory, String(++this.#count));
  }

  addServer(socket: StreamServer, isLocal: boolean): void {
    this.servers.push(new ServerEnd(++this.#count, isLocal, socket));
  }

  /** Both ends of a new connection, the second without a socket as long as nobody has accepted it. */
  addPair(isLocal: boolean, near: StreamSocket, far: StreamSocket | null): [End, End] {
    const ends: [End, End] = [
      new End(++this.#count, isLocal, near),
      new End(++this.#count, isLocal, far),
    ];
    [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
    this.ends.push(...ends.filter(({ socket }) => socket !== null));
    return ends;
  }

  addRefused(socket: StreamSocket): End {
    const end = new End(++this.#count, false, socket, true);
    this.ends.push(end);
    return end;
  }

  /** Gives an end that was accepted its socket. */
  addAccepted(end: End, socket: StreamSocket): void {
    end.socket = socket;
    this.ends.push(end);
  }

  /** Its socket is closed. */
  removeEnd(end: End, isReset = false): void {
    this.#forget(end);
    this.ends.splice(this.ends.indexOf(end), 1);
    end.onClosed(isReset);
  }

  removeServer(server: ServerEnd): void {
    this.#forget(server);
    this.servers.splice(this.servers.indexOf(server), 1);
    for (const end of server.backlog) end.onClosedInBacklog();
  }

  /** The same end of the same connection has another socket now, which is monitored as the last one was. */
  replaceSocket(end: End, socket: StreamSocket): void {
    end.socket = socket;
    for (const watcher of this.watchers) watcher.rewatch(end, socket);
  }

  look(): void {
    for (const watcher of this.watchers) watcher.look();
  }

  close(): void {
    for (const { socket } of [...this.ends, ...this.servers]) socket?.close();
    for (const { poller } of this.watchers) poller.close();
    rmSync(this.#directory, { recursive: true });
  }

  #forget(watched: Watched): void {
    for (const watcher of this.watchers) watcher.forget(watched);
  }
}
