// Echoes of frames, behind their length: of a connection of ours, and of a socket of Node.js, wrapped as its users do, with the
// same codec.
const { fromEvent, mergeMap, takeUntil, tap } = require('rxjs');
const { Deframer, lengthPrefixed } = require('bipoll/framing');
const { decode } = require('bipoll/reactive');

const codec = lengthPrefixed();

exports.echoOfConnection = (connection) =>
  connection.data$.pipe(
    decode(codec),
    tap((frame) => connection.write(codec.encode(frame))),
  );

exports.echoOfSocket = (socket) => {
  socket.on('error', () => socket.destroy());
  const deframer = new Deframer(codec);
  return fromEvent(socket, 'data').pipe(
    mergeMap((chunk) => deframer.push(chunk)),
    tap((frame) => socket.write(codec.encode(frame))),
    takeUntil(fromEvent(socket, 'close')),
  );
};
