// Sends lines to an echo server, and prints what comes back: its arguments, or else the lines of stdin.
//
//   npx tsx examples/echo-client.ts --port 7000 hello world
//   npx tsx examples/echo-client.ts --path /tmp/echo.sock < file
import { adopt, type StreamSocket } from 'bipoll';
import { lines } from 'bipoll/framing';
import { connect, frames, readUntil, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

/** One line there and back. */
export function echo(socket: StreamSocket, line: string): string {
  writeAll(socket, `${line}\n`, { timeout: 1000 });
  return readUntil(socket, '\n', { timeout: 1000 }).toString().slice(0, -1);
}

/** Its lines as they come, so that who types one sees the reply before the next. */
function* linesOfStdin(): Generator<string> {
  using input = adopt(0, 'descriptor');
  yield* frames(input, lines(), { timeout: Infinity });
}

function main(): void {
  const { target, rest } = readArguments('echo-client (--port PORT | --path PATH) [LINE...]');
  using socket = connect(target, { timeout: 1000 });
  for (const line of rest.length > 0 ? rest : linesOfStdin()) console.log(echo(socket, line));
}

if (require.main === module) main();
