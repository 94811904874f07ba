// Sends each line of its arguments to an echo server, and prints what comes back.
//
//   npx tsx examples/echo-client.ts --port 7000 hello world
import type { StreamSocket } from 'bipoll';
import { connect, readUntil, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

/** One line there and back. */
export function echo(socket: StreamSocket, line: string): string {
  writeAll(socket, `${line}\n`, { timeout: 1000 });
  return readUntil(socket, '\n', { timeout: 1000 }).toString().trimEnd();
}

function main(): void {
  const { target, rest } = readArguments('echo-client (--port PORT | --path PATH) LINE...');
  using socket = connect(target, { timeout: 1000 });
  for (const line of rest) console.log(echo(socket, line));
}

if (require.main === module) main();
