// Talks with a program on a terminal of its own, as expect(1) does: waits for a prompt, answers it, waits for the next.
//
//   npx tsx examples/expect.ts 'python3 -q' '>>> ' '6 * 7' '>>> ' 'exit()'
//   npx tsx examples/expect.ts --timeout 2000 'ssh host uptime' 'password: ' secret
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Descriptor, socketPair } from 'bipoll';
import { EndOfStreamError, poll, readSome, readUntil, TimeoutError, writeAll } from 'bipoll/sync';
import { misused } from './arguments';

/** Node.js cannot open a terminal. Python can, and passes on the side that is not the program's. */
const OPEN_TERMINAL = `
import os, pty, socket, sys
os.set_inheritable(3, False)
pid, master = pty.fork()
if pid == 0: os.execvp('sh', ['sh', '-c', sys.argv[1]])
socket.send_fds(socket.socket(fileno=3), [b'x'], [master])
`;

export interface Patience {
  /** Milliseconds for each attempt. */
  timeout: number;
  attempts: number;
  /** Is told how many bytes have come, none of which is the prompt. */
  onTimeout?: (bytes: number) => void;
}

/** Starts a shell command on a terminal of its own. @returns our side of it; when it is closed, the command is hung up on */
export function startOnTerminal(command: string): Descriptor {
  const [ours, theirs] = socketPair();
  using receiver = ours;
  const stdio = ['ignore', 'inherit', 'inherit', theirs.fd] as const;
  spawn('python3', ['-c', OPEN_TERMINAL, command], { stdio: [...stdio] }).unref();
  theirs.close();
  poll(receiver, ['dataAvailable', 'remoteDisconnected'], 30_000);
  const [terminal] = receiver.receiveDescriptors(Buffer.alloc(1)).sockets;
  if (terminal instanceof Descriptor) return terminal;
  throw new Error('python3 has opened no terminal');
}

/**
 * Waits until the program has said `prompt`. At a timeout nothing is lost: the next attempt finds what came before.
 *
 * @returns all that it said, up to the prompt
 */
export function expectPrompt(terminal: Descriptor, prompt: string, patience: Patience): string {
  const { timeout, attempts, onTimeout } = patience;
  for (let attempt = 1; ; attempt++) {
    try {
      return readUntil(terminal, prompt, { timeout }).toString();
    } catch (error) {
      if (!(error instanceof TimeoutError) || attempt >= attempts) throw error;
      onTimeout?.(error.bytesAvailable);
    }
  }
}

/** Answers prompts, each with its line, then listens until the program ends. Emits all that it says. */
function* converse(terminal: Descriptor, steps: readonly string[], timeout: number) {
  for (let i = 0; i < steps.length; i += 2) {
    const [prompt = '', answer = ''] = steps.slice(i, i + 2);
    const onTimeout = (bytes: number) => {
      console.error(`(waiting for '${prompt}', ${bytes} bytes so far)`);
    };
    yield expectPrompt(terminal, prompt, { timeout, attempts: 3, onTimeout });
    writeAll(terminal, `${answer}\n`, { timeout });
  }
  yield* rest(terminal, Infinity);
}

/** What is said until the program ends. */
function* rest(terminal: Descriptor, timeout: number): Generator<string> {
  for (let chunk; (chunk = readSome(terminal, { timeout }));) yield chunk.toString();
}

function main(): void {
  const usage = 'expect [--timeout MILLISECONDS] COMMAND (PROMPT ANSWER)...';
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { timeout: { type: 'string', default: '5000' } },
  });
  const timeout = Number(values.timeout);
  const [command, ...steps] = positionals;
  if (command === undefined || steps.length % 2 !== 0 || !(timeout >= 0)) misused(usage);
  using terminal = startOnTerminal(command);
  try {
    for (const text of converse(terminal, steps, timeout)) process.stdout.write(text);
  } catch (error) {
    if (!(error instanceof TimeoutError || error instanceof EndOfStreamError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    // What came instead of the prompt is still there.
    for (const text of rest(terminal, 0)) process.stdout.write(text);
  }
}

if (require.main === module) main();
