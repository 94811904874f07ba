// Sends back whatever its clients send, at the sockets that systemd opens for it. The first client starts it.
//
//   systemd-socket-activate --listen 7000 node --import tsx examples/reactive/activated-echo.ts
//   nc localhost 7000
//
// As a unit: echo.socket has `ListenStream=7000`, echo.service `ExecStart=` this program.
import { merge } from 'rxjs';
import { inheritedServers, StreamServer } from 'bipoll';
import { fromServer } from 'bipoll/reactive';
import { echo } from './echo';
import { stopSignal$ } from './stopSignal';

function main(): void {
  const servers = inheritedServers().filter((server) => server instanceof StreamServer);
  if (servers.length === 0) {
    console.error('Nobody passed a socket: start this by systemd-socket-activate, or as a unit');
    process.exitCode = 2;
    return;
  }
  const connections$ = merge(...servers.map((server) => fromServer(server)));
  echo(connections$, { stop$: stopSignal$ }).subscribe({
    complete: () => {
      for (const server of servers) server.close();
    },
  });
}

if (require.main === module) main();
