// Finds open ports: a thousand connection attempts at once, one poller, one deadline.
//
//   npx tsx examples/port-scanner.ts --host 127.0.0.1 --port 8000
import { type Backend, connectTcp, Poller, type Socket, type TcpStream } from 'bipoll';
import { readArguments } from './arguments';

export interface Scan {
  /** A numeric address. */
  host: string;
  ports: Iterable<number>;
  /** Milliseconds for all of them. A port that has not answered by then counts as closed. */
  timeout: number;
  backend?: Backend;
}

/** The ports among `ports` that take a connection, in ascending order. */
export function openPorts({ host, ports, timeout, backend }: Scan): number[] {
  const deadline = performance.now() + timeout;
  const attempts = new Map<Socket, { port: number; stream: TcpStream }>();
  const open: number[] = [];
  using poller = new Poller(backend && { backend });
  try {
    for (const port of ports) {
      const stream = connectTcp({ host, port });
      attempts.set(stream, { port, stream });
      poller.monitor(stream, 'determined');
    }
    while (attempts.size > 0) {
      const left = Math.max(0, deadline - performance.now());
      const ready = poller.wait(left);
      if (ready.length === 0 && left === 0) break;
      for (const { socket } of ready) {
        const { port, stream } = attempts.get(socket)!;
        // Not connectionSucceeded: a server that hangs up on us at once is there all the same.
        if (!stream.connectionFailed()) open.push(port);
        attempts.delete(socket);
        socket.close(); // which takes it out of the poller
      }
    }
  } finally {
    for (const socket of attempts.keys()) socket.close();
  }
  return open.sort((a, b) => a - b);
}

function main(): void {
  const usage = 'port-scanner [--host ADDRESS] --port FIRST';
  const { target } = readArguments(usage);
  if ('path' in target) throw new Error(`A path has no ports; usage: ${usage}`);
  const { host, port: first } = target;
  const ports = Array.from({ length: 1000 }, (_, i) => first + i).filter((port) => port < 65_536);
  for (const port of openPorts({ host, ports, timeout: 2000 })) console.log(port);
}

if (require.main === module) main();
