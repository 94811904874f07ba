// The same with node:net.
const net = require('node:net');

const server = net.createServer((socket) => socket.on('data', (chunk) => socket.write(chunk)));
server.listen({ path: process.argv[2], backlog: 4096 }, () => console.log('listening'));

process.on('SIGUSR2', () => {
  console.log(process.memoryUsage.rss());
});
