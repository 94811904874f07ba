import { spawnSync } from 'node:child_process';

const SO_KEEPALIVE = { level: 1, option: 9 };
const TCP_NODELAY = { level: 6, option: 1 };
const TCP_KEEPIDLE = { level: 6, option: 4 };
const TCP_USER_TIMEOUT = { level: 6, option: 18 };

const wanted = [TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPIDLE, TCP_USER_TIMEOUT];

/** True where `tcpOptions` can tell: the numbers above are Linux'. */
export const canReadTcpOptions =
  process.platform === 'linux' && spawnSync('perl', ['-e', '1']).status === 0;

/** What the system says of a TCP socket. Node has no getsockopt; a Perl that inherits the descriptor does. */
export function tcpOptions(fd: number) {
  const asked = wanted.map(({ level, option }) => `getsockopt(S, ${level}, ${option})`).join(', ');
  const script = `open(S, "+<&=3") or die; print join " ", map { unpack("i", $_) } ${asked}`;
  const { stdout } = spawnSync('perl', ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  });
  const [noDelay, keepAlive, keepIdle, userTimeout] = String(stdout).split(' ').map(Number);
  return { noDelay: !!noDelay, keepAlive: keepAlive ? keepIdle! * 1000 : false, userTimeout };
}
