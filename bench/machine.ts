import { execFileSync, spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { withProgram } from './withProgram';

/** Where figures were measured. */
export interface Machine {
  /** Such as `2 x AMD EPYC (x64), 23 GiB, Linux 6.18`. */
  readonly name: string;
  /** Of what was measured, and of its peers, as far as they are installed. */
  readonly versions: Readonly<Record<string, string>>;
  /** How many processes wanted to run in the last minute before: figures of a busy machine say little. */
  readonly load: number;
  /** Microseconds that a call of the system takes which does nothing: from 0.1 to 1, by machine and hypervisor. */
  readonly systemCall: number;
}

const PEERS = { C: 'cc', Python: 'python3', Bun: 'bun', Deno: 'deno' };

/** Asks the machine, before anything is measured. */
export async function thisMachine(): Promise<Machine> {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const peers = Object.entries(PEERS).flatMap(([name, command]) => {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    return status === 0 ? [[name, stdout.split('\n', 1)[0]!]] : [];
  });
  return {
    name: `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'} (${arch()}), ${memory} GiB, ${type()} ${release()}`,
    versions: {
      'Node.js': process.version,
      libuv: process.versions.uv,
      ...(Object.fromEntries(peers) as Record<string, string>),
    },
    load: loadavg()[0]!,
    systemCall: await withProgram('system-call.c', (program) => Number(execFileSync(program))),
  };
}
