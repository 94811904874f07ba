// node:net, wrapped as its users do.
require('./report.cjs');
const net = require('node:net');
const { target } = require('./target.cjs');
const { fromEvent, mergeMap, takeUntil, tap } = require('rxjs');

const server = net.createServer({ noDelay: true });
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
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
