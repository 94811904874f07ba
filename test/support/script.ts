import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { PATIENCE } from './patience';

// Scripts import the built package, as users do: `npm test` builds it first.
const args = (source: string, flags: readonly string[]) => [
  ...flags,
  '--input-type=module',
  '--eval',
  source,
];

/** Runs a script to its end, as long as patience lasts. */
export function runScript(source: string, ...flags: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, args(source, flags), {
    encoding: 'utf8',
    timeout: PATIENCE,
    env: process.env, // which in a test is not what a child inherits
  });
}

/**
 * Runs a script that Node.js ends without taking its own memory apart, as `process.exit()` and an uncaught error do.
 * A sanitizer would report that memory as leaked.
 */
export function runCutShort(source: string): SpawnSyncReturns<string> {
  const sanitizer = process.env['ASAN_OPTIONS'];
  if (sanitizer !== undefined) process.env['ASAN_OPTIONS'] = `${sanitizer}:detect_leaks=0`;
  try {
    return runScript(source);
  } finally {
    if (sanitizer !== undefined) process.env['ASAN_OPTIONS'] = sanitizer;
  }
}

/**
 * For scripts with a thread that lives until the process ends, as that of blocking TLS does: Node.js does not take its
 * memory apart, either.
 */
export function reportNoLeaks(): void {
  const sanitizer = process.env['ASAN_OPTIONS'];
  if (sanitizer === undefined) return;
  beforeAll(() => {
    process.env['ASAN_OPTIONS'] = `${sanitizer}:detect_leaks=0`;
  });
  afterAll(() => {
    process.env['ASAN_OPTIONS'] = sanitizer;
  });
}

/** Starts a script, for tests that go on meanwhile. */
export function startScript(source: string, ...flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, args(source, flags), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: process.env,
  });
}

/** Starts a script that has a descriptor as its stdin. */
export function startScriptOn(stdin: number, source: string): ChildProcess {
  return spawn(process.execPath, args(source, []), {
    stdio: [stdin, 'pipe', 'inherit'],
    env: process.env,
  });
}

/** The first output of a script. */
export function firstOutput(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
    child.once('error', reject);
  });
}

/** How a script ended: its exit code, or the signal that killed it. */
export function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? signal);
    });
  });
}
