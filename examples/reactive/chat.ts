// Chat rooms, over TCP and a local socket at once. One command a line: join ROOM NAME, say TEXT, leave.
//
//   npx tsx examples/reactive/chat.ts --port 7000 --path /tmp/chat.sock
import { parseArgs } from 'node:util';
import { defer, finalize, merge, type Observable, tap } from 'rxjs';
import { lines } from 'bipoll/framing';
import { type Connection, decode, listen, serve, type ServeOptions } from 'bipoll/reactive';
import { misused, targetOf } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

interface Client {
  readonly connection: Connection;
  room: string | null;
  name: string;
}

/** Why a client was closed that did not take what it was told. */
export class SlowClientError extends Error {
  override readonly name = 'SlowClientError';
}

/** @returns the lines that clients have sent */
export function chat(
  connections$: Observable<Connection>,
  options: ServeOptions = {},
): Observable<string> {
  return defer(() => {
    const rooms = new Rooms();
    return connections$.pipe(serve((connection) => converse(connection, rooms), options));
  });
}

/** What one client says, until it leaves. */
function converse(connection: Connection, rooms: Rooms): Observable<string> {
  const client: Client = { connection, room: null, name: '' };
  return connection.data$.pipe(
    decode(lines({ maxBytes: 1000 })),
    tap((line) => {
      const [, room, name] = /^join (\S+) (\S+)$/.exec(line) ?? [];
      const [, text] = /^say (.+)$/.exec(line) ?? [];
      if (room !== undefined && name !== undefined) rooms.join(client, room, name);
      else if (text !== undefined) rooms.say(client, text);
      else if (line === 'leave') rooms.leave(client);
      else tell(new Set([client]), '? join ROOM NAME, say TEXT, or leave');
    }),
    finalize(() => {
      rooms.leave(client);
    }),
  );
}

class Rooms {
  readonly #clients = new Map<string, Set<Client>>();

  join(client: Client, room: string, name: string): void {
    this.leave(client);
    Object.assign(client, { room, name });
    const clients = this.#clients.get(room) ?? new Set();
    this.#clients.set(room, clients.add(client));
    tell(clients, `* ${name} joined`);
  }

  say({ room, name }: Client, text: string): void {
    const clients = room === null ? undefined : this.#clients.get(room);
    if (clients) tell(clients, `${name}: ${text}`);
  }

  leave(client: Client): void {
    const { room, name } = client;
    if (room === null) return;
    client.room = null;
    const clients = this.#clients.get(room);
    clients?.delete(client);
    if (clients?.size) tell(clients, `* ${name} left`);
    else this.#clients.delete(room);
  }
}

/**
 * Tells all of them. Whose queue is full is dropped: to wait for one would stop the others, to go on queueing would
 * take memory without end, and to leave lines out would show everybody another conversation.
 */
function tell(clients: Set<Client>, text: string): void {
  const slow = [...clients].filter(({ connection }) => !connection.write(`${text}\n`));
  // All of them first: who is closed leaves, which is told to whoever is still there.
  for (const client of slow) clients.delete(client);
  for (const { connection } of slow) {
    connection.close(new SlowClientError('The client reads too slowly'));
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      path: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
    },
  });
  const targets = [targetOf(values.path), targetOf(undefined, values.host, values.port)];
  const listeners = targets
    .filter((target) => target !== null)
    .map((target) => listen(target, { replaceStale: true, onListening: announce }));
  if (listeners.length === 0) misused('chat [--port PORT [--host HOST]] [--path PATH]');
  chat(merge(...listeners), { stop$: stopSignal$ }).subscribe();
}

if (require.main === module) main();
