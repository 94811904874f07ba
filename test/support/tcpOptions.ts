import { spawnSync } from 'node:child_process';

const SOL_SOCKET = 1;
const IP = 0;
const TCP = 6;
const IPV6 = 41;

/** What is asked for: level, option, and how Perl reads the answer. Linux' numbers. */
const WANTED = {
  noDelay: [TCP, 1, 'i'],
  keepAlive: [SOL_SOCKET, 9, 'i'],
  keepIdle: [TCP, 4, 'i'],
  keepInterval: [TCP, 5, 'i'],
  keepAliveCount: [TCP, 6, 'i'],
  userTimeout: [TCP, 18, 'i'],
  lingers: [SOL_SOCKET, 13, 'i'],
  lingerSeconds: [SOL_SOCKET, 13, 'x4i'],
  receiveBufferSize: [SOL_SOCKET, 8, 'i'],
  sendBufferSize: [SOL_SOCKET, 7, 'i'],
  typeOfService: [IP, 1, 'i'],
  trafficClass: [IPV6, 67, 'i'],
  interface: [SOL_SOCKET, 25, 'Z*'],
} as const;

/** True where `tcpOptions` can tell: the numbers above are Linux'. */
export const canReadTcpOptions =
  process.platform === 'linux' && spawnSync('perl', ['-e', '1']).status === 0;

/**
 * What the system says of a TCP socket, in the units of `TcpStreamOptions`. Node has no getsockopt; a Perl that inherits
 * the descriptor does. `trafficClass` is NaN over IPv4.
 */
export function tcpOptions(fd: number) {
  const asked = Object.values(WANTED).map(
    ([level, option, format]) => `unpack("${format}", getsockopt(S, ${level}, ${option}) // "")`,
  );
  const script = `open(S, "+<&=3") or die; print join ",", map { $_ // "" } (${asked.map((each) => `scalar(${each})`).join(', ')})`;
  const { stdout } = spawnSync('perl', ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  });
  const answers = String(stdout).split(',');
  const textOf = (name: keyof typeof WANTED) => answers[Object.keys(WANTED).indexOf(name)] ?? '';
  const of = (name: keyof typeof WANTED) => (textOf(name) === '' ? NaN : Number(textOf(name)));
  return {
    noDelay: of('noDelay') !== 0,
    keepAlive: of('keepAlive') !== 0 && of('keepIdle') * 1000,
    keepAliveInterval: of('keepInterval') * 1000,
    keepAliveCount: of('keepAliveCount'),
    userTimeout: of('userTimeout'),
    linger: of('lingers') === 0 ? undefined : of('lingerSeconds') * 1000,
    receiveBufferSize: of('receiveBufferSize'),
    sendBufferSize: of('sendBufferSize'),
    typeOfService: of('typeOfService'),
    trafficClass: of('trafficClass'),
    interface: textOf('interface'),
  };
}
