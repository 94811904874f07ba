// The same over node:net, wrapped as its users do.
require('../echo-service/report.cjs');
const net = require('node:net');
const { finalize, fromEvent, mergeMap, takeUntil, tap } = require('rxjs');
const { target } = require('../echo-service/target.cjs');

const everybody = new Set();
const tell = (socket) => {
  socket.on('error', () => socket.destroy());
  everybody.add(socket);
  return fromEvent(socket, 'data').pipe(
    tap((chunk) => {
      for (const each of everybody) each.write(chunk);
    }),
    takeUntil(fromEvent(socket, 'close')),
    finalize(() => everybody.delete(socket)),
  );
};

const server = net.createServer({ noDelay: true });
fromEvent(server, 'connection').pipe(mergeMap(tell)).subscribe();
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
