// node:net, wrapped as its users do.
require('./report.cjs');
const net = require('node:net');
const { fromEvent, mergeMap, takeUntil, tap } = require('rxjs');

const server = net.createServer();
fromEvent(server, 'connection')
  .pipe(
    mergeMap((socket) => {
      socket.on('error', () => socket.destroy());
      return fromEvent(socket, 'data').pipe(
        tap((chunk) => socket.write(chunk)),
        takeUntil(fromEvent(socket, 'close')),
      );
    }),
  )
  .subscribe();
server.listen({ path: process.argv[2], backlog: 4096 }, () => console.log('listening'));
