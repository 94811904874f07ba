// Finds the open ports of this machine: a thousand connection attempts at once, one poller, one deadline.
//
//   npx tsx examples/port-scanner.ts --host 127.0.0.1 --port 8000
import { type Backend, connectTcp, Poller, type Socket, type TcpStream } from 'bipoll';
import { readArguments } from './arguments';

export interface Scan {
  host: string;
  ports: readonly number[];
  /** Milliseconds for all of them. */
  timeout: number;
  backend?: Backend;
}

/** The ports among `ports` that take a connection, in ascending order. */
export function openPorts({ host, ports, timeout, backend }: Scan): number[] {
  using poller = new Poller(backend && { backend });
  const open: number[] = [];
  const deadline = performance.now() + timeout;
  const attempts = new Map<Socket, TcpStream>();
  for (const port of ports) {
    const attempt = connectTcp({ host, port });
    attempts.set(attempt, attempt);
    poller.monitor(attempt, 'determined');
  }
  while (poller.monitoredSockets.length > 0) {
    const ready = poller.wait(Math.max(0, deadline - performance.now()));
    if (ready.length === 0 && performance.now() >= deadline) break;
    for (const { socket } of ready) {
      const attempt = attempts.get(socket)!;
      if (attempt.connectionSucceeded()) open.push(attempt.remotePort!);
      attempt.close();
    }
  }
  for (const socket of poller.monitoredSockets) socket.close();
  return open.sort((a, b) => a - b);
}

function main(): void {
  const { target } = readArguments('port-scanner [--host ADDRESS] --port FIRST');
  if ('path' in target) throw new Error('A path has no ports');
  const ports = Array.from({ length: 1000 }, (_, i) => target.port + i).filter((p) => p < 65536);
  for (const port of openPorts({ host: target.host, ports, timeout: 2000 })) console.log(port);
}

if (require.main === module) main();
