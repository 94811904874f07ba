// What attackers share: `ATTACKER.cjs TARGET COUNT`. They know nothing of bipoll.
const net = require('node:net');

const target = JSON.parse(process.argv[2]);
exports.count = Number(process.argv[3]);

/** The harness waits for this line: from now on the service is under attack. */
exports.begun = () => console.log('begun');

/** A connection that may fail in any way. */
exports.open = () => net.connect(target).on('error', () => undefined);

/** Opens so many, and calls back when all are connected or refused. */
exports.openAll = (count, use, done) => {
  let left = count;
  for (let i = 0; i < count; i++) {
    const socket = exports.open();
    let isCounted = false;
    const onDetermined = () => {
      if (isCounted) return;
      isCounted = true;
      if (--left === 0) done();
    };
    socket.once('connect', () => {
      use(socket);
      onDetermined();
    });
    socket.once('close', onDetermined);
  }
};

/** Writes for ever, at the pace of the peer. */
exports.writeForEver = (socket, chunk) => {
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
};
