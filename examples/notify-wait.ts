// Starts a service and waits until it says that it is ready, as systemd does with Type=notify (sd_notify(3)).
//
//   npx tsx examples/notify-wait.ts --path /tmp/notify.sock systemd-notify --ready
import { spawn } from 'node:child_process';
import { bindLocalDatagram } from 'bipoll';
import { deadlineIn, receiveMessage } from 'bipoll/sync';
import { misused, readArguments } from './arguments';

/** Starts a program, and blocks until it has said `READY=1`. @returns the states that it told until then */
export function startAndWait(
  path: string,
  command: readonly [string, ...string[]],
  timeout: number,
): string[] {
  using socket = bindLocalDatagram({ path, replaceStale: true });
  const [program, ...args] = command;
  spawn(program, args, { stdio: 'inherit', env: { ...process.env, NOTIFY_SOCKET: path } }).unref();
  const limit = { deadline: deadlineIn(timeout) };
  const states: string[] = [];
  while (!states.includes('READY=1')) {
    states.push(...receiveMessage(socket, limit).bytes.toString().trimEnd().split('\n'));
  }
  return states;
}

function main(): void {
  const usage = 'notify-wait --path PATH PROGRAM [ARGUMENT...]';
  const { target, rest } = readArguments(usage);
  const [program, ...args] = rest;
  if (!('path' in target) || program === undefined) misused(usage);
  console.log(startAndWait(target.path, [program, ...args], 10_000).join('\n'));
}

if (require.main === module) main();
