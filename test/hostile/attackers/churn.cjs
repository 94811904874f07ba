// COUNT clients connect and leave for ever, so that the backlog is never empty.
const { begun, count, open } = require('./attack.cjs');

function next() {
  const socket = open();
  socket.once('connect', () => socket.destroy());
  socket.once('close', () => setImmediate(next)); // refused, too: a full backlog is what it wants
}

for (let i = 0; i < count; i++) next();
begun();
