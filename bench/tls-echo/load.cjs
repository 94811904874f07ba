// Frames to and fro over TLS: `load.cjs PORT CONNECTIONS SIZE COUNT`. With a COUNT of 0 it connects, says so, and waits.
const tls = require('node:tls');
const { lengthPrefixed } = require('bipoll/framing');

const [port, connections, size, count] = process.argv.slice(2).map(Number);
const message = Buffer.from(lengthPrefixed().encode(Buffer.alloc(size, 'x')));
let left = count;
let connected = 0;

/** One message at a time is on its way. */
function start(socket) {
  let missing = message.length;
  socket.on('data', ({ length }) => {
    missing -= length;
    if (missing > 0) return;
    missing = message.length;
    left -= 1;
    if (left <= 0) process.exit();
    socket.write(message);
  });
  socket.write(message);
}

for (let i = 0; i < connections; i++) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
    connected += 1;
    if (count > 0) start(socket);
    else if (connected === connections) console.log('connected');
  });
  socket.setNoDelay(true);
}
