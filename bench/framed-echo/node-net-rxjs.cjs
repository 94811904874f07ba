// node:net, wrapped as its users do, with the same codec.
require('../echo-service/report.cjs');
const net = require('node:net');
const { fromEvent, mergeMap, takeUntil, tap } = require('rxjs');
const { Deframer, lengthPrefixed } = require('bipoll/framing');
const { target } = require('../echo-service/target.cjs');

const codec = lengthPrefixed();
const echo = (socket) => {
  socket.on('error', () => socket.destroy());
  const deframer = new Deframer(codec);
  return fromEvent(socket, 'data').pipe(
    mergeMap((chunk) => deframer.push(chunk)),
    tap((frame) => socket.write(codec.encode(frame))),
    takeUntil(fromEvent(socket, 'close')),
  );
};

const server = net.createServer({ noDelay: true });
fromEvent(server, 'connection').pipe(mergeMap(echo)).subscribe();
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
