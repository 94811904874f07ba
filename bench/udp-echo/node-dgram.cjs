require('../echo-service/report.cjs');
const dgram = require('node:dgram');

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (bytes, { address, port }) => {
  socket.send(bytes, port, address);
});
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
