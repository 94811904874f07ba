// Asks the service in the blocking style, over a connection that was passed through a pair; then ends, or waits for ever.
const { parentPort, workerData } = require('node:worker_threads');
const { socketPair } = require('bipoll');
const { connect, poll, readLine, readSome, writeAll } = require('bipoll/sync');

const QUESTIONS = 200;
const limit = { timeout: 30_000 };
let wrong = 0;

function ask(socket) {
  for (let i = 0; i < QUESTIONS; i++) {
    const line = 'x'.repeat(i) + i;
    writeAll(socket, `${line}\n`, limit);
    if (readLine(socket, limit) !== line.toUpperCase()) wrong++;
  }
}

function passed(socket) {
  const [from, to] = socketPair();
  from.sendDescriptors(Buffer.from('x'), [socket]);
  poll(to, 'dataAvailable', limit.timeout);
  const { sockets } = to.receiveDescriptors(Buffer.alloc(1));
  for (const each of [from, to, socket]) each.close();
  return sockets[0];
}

const socket = passed(connect({ path: workerData.path }, limit));
ask(socket);
parentPort.postMessage({ wrong });
if (workerData.waitsForEver) readSome(socket, { timeout: Infinity });
socket.close();
