import { capabilities } from 'bipoll';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiled, hasLibrary } from './withProgram';

/** The command that serves at an address, of each program that is compared, by its name. */
export type Contestants = Readonly<Record<string, (address: string) => string[]>>;

/** What the C program over io_uring is made of beside its own source. */
const RING_PARTS = [
  'posix/descriptor.c',
  'posix/provided_buffers.c',
  'posix/ring.c',
  'posix/waker.c',
  'posix/waker_eventfd.c',
  'posix/waker_pipe.c',
];

export const hasRing = capabilities().loopBackends.includes('io_uring');
export const hasBun = isInstalled('bun');
const hasDeno = isInstalled('deno');

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The command of a script in this directory. */
export function scripted(name: string, ...options: string[]) {
  return (address: string): string[] => [
    process.execPath,
    join(__dirname, name),
    address,
    ...options,
  ];
}

/** Has a loop that names no backend use io_uring. */
export function byRing(command: (address: string) => string[]) {
  return (address: string): string[] => ['env', 'BIPOLL_BACKEND=io_uring', ...command(address)];
}

/** Servers that echo whatever comes: those that can run here. */
export function echoContestants(directory: string): Contestants {
  const inC = (name: string, parts = {}) => {
    const program = compiled(`echo-service/${name}.c`, directory, parts);
    return (address: string) => [program, address];
  };
  const bipoll = scripted('echo-service/bipoll.cjs');
  const script = (name: string) => join(__dirname, 'echo-service', name);
  return {
    c: inC('serve'),
    ...(hasRing && { 'c over io_uring': inC('serve-by-ring', { engine: RING_PARTS }) }),
    ...(hasLibrary('libuv') && { libuv: inC('serve-by-libuv', { libraries: ['uv'] }) }),
    bipoll,
    ...(hasRing && { 'bipoll over io_uring': byRing(bipoll) }),
    ...(hasBun && { bun: (address: string) => ['bun', script('bun.cjs'), address] }),
    ...(hasDeno && {
      deno: (address: string) => ['deno', 'run', '--allow-all', script('deno.mjs'), address],
    }),
    'node:net': scripted('echo-service/node-net.cjs'),
    'node:net with RxJS': scripted('echo-service/node-net-rxjs.cjs'),
  };
}
