// What one of COUNT blocking round trips of 64 bytes takes through bipoll, in microseconds.
'use strict';
const { connect, readSome, writeAll } = require('bipoll/sync');

const [path, count] = [process.argv[2], Number(process.argv[3])];
const socket = connect({ path }, { timeout: 1000 });
const message = Buffer.alloc(64);
const options = { timeout: 1000 };

function exchange(times) {
  for (let i = 0; i < times; i++) {
    writeAll(socket, message, options);
    readSome(socket, options);
  }
}

exchange(5000); // until it is compiled
const started = performance.now();
exchange(count);
console.log(((performance.now() - started) * 1000) / count);
socket.close();
