require('./report.cjs');
const net = require('node:net');
const { target } = require('./target.cjs');

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
