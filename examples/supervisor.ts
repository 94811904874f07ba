// Runs a program for so many seconds at most. Meanwhile it tells everybody who connects to its control socket how long
// the program has run, and passes Ctrl-C on to it: one wait for all of them, and no callback.
//
//   npx tsx examples/supervisor.ts --path /tmp/job.sock 60 make
//   npx tsx examples/netcat.ts --path /tmp/job.sock
import { spawn } from 'node:child_process';
import {
  type ChildExit,
  openTimer,
  Poller,
  SocketError,
  type StreamServer,
  TimeoutError,
  watchChild,
  watchSignals,
} from 'bipoll';
import { writeAll } from 'bipoll/sync';
import { addressOf, listen, misused, readArguments } from './arguments';

/** Who does not take an answer by then does not get it. */
const ANSWER_TIMEOUT = 100;

/** Runs a program, and blocks until it has exited; kills it after `limit` milliseconds. */
export function supervise(
  server: StreamServer,
  command: readonly [string, ...string[]],
  limit: number,
): ChildExit {
  const [program, ...args] = command;
  // Before the program starts, or a Ctrl-C between the two would end the supervisor alone.
  using signals = watchSignals(['SIGINT', 'SIGTERM']);
  const started = spawn(program, args, { stdio: 'inherit' });
  using child = watchChild(started);
  using deadline = openTimer({ delay: limit });
  using clock = openTimer({ delay: 1000, interval: 1000 });
  using poller = new Poller();
  poller.monitor(server, 'connectionAvailable');
  poller.monitor(child, 'exited');
  poller.monitor(signals, 'signalled');
  poller.monitor(deadline, 'expired');
  poller.monitor(clock, 'expired');
  let seconds = 0;
  for (let exit = child.exit(); ; exit = child.exit()) {
    if (exit) return exit;
    poller.wait(Infinity);
    seconds += clock.take();
    for (const signal of signals.take()) started.kill(signal);
    if (deadline.take()) started.kill('SIGKILL');
    if (server.connectionAvailable()) answer(server, `${program} runs for ${seconds} s\n`);
  }
}

function answer(server: StreamServer, text: string): void {
  try {
    using client = server.accept();
    writeAll(client, text, { timeout: ANSWER_TIMEOUT });
  } catch (error) {
    // A client that is gone again, or does not read.
    if (!(error instanceof SocketError || error instanceof TimeoutError)) throw error;
  }
}

function main(): void {
  const usage = 'supervisor (--port PORT | --path PATH) SECONDS PROGRAM [ARGUMENT...]';
  const { target, rest } = readArguments(usage);
  const [seconds, program, ...args] = rest;
  if (program === undefined || !(Number(seconds) > 0)) misused(usage);
  using server = listen(target);
  console.log(`listening on ${addressOf(server)}`);
  const { code, signal } = supervise(server, [program, ...args], Number(seconds) * 1000);
  console.log(signal ? `${program} was ended by ${signal}` : `${program} exited with ${code}`);
}

if (require.main === module) main();
