// Opens and resets COUNT connections, some with bytes on their way, and ends.
const { begun, count, open } = require('./attack.cjs');

const AT_A_TIME = 32;
let left = count;

function next() {
  if (left-- <= 0) return;
  const socket = open();
  const withBytes = left % 2 === 0;
  socket.once('connect', () => {
    if (withBytes) socket.write('half of a li');
    socket.resetAndDestroy();
  });
  socket.once('close', next);
}

begun();
for (let i = 0; i < AT_A_TIME; i++) next();
