// Bun's own sockets. What the system does not take at once waits until there is room.
require('./report.cjs');
const { target } = require('./target.cjs');

const flush = (socket) => {
  while (socket.data.length > 0) {
    const taken = socket.write(socket.data[0]);
    if (taken < socket.data[0].length) {
      socket.data[0] = socket.data[0].subarray(taken);
      return;
    }
    socket.data.shift();
  }
};

// eslint-disable-next-line no-undef -- of that runtime
Bun.listen({
  ...(target.path ? { unix: target.path } : { hostname: target.host, port: target.port }),
  socket: {
    open(socket) {
      socket.data = [];
    },
    data(socket, chunk) {
      const taken = socket.data.length > 0 ? 0 : socket.write(chunk);
      if (taken < chunk.length) socket.data.push(Buffer.from(chunk.subarray(taken)));
    },
    drain: flush,
    error() {},
  },
});
console.log('listening');
