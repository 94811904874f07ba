require('./report.cjs');
const net = require('node:net');

const server = net.createServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen({ path: process.argv[2], backlog: 4096 }, () => console.log('listening'));
