// The processor time of a wait with one active socket among COUNT monitored ones, in microseconds.
'use strict';
const { Poller, socketPair } = require('bipoll');

const [backend, count] = [process.argv[2], Number(process.argv[3])];
const WAITS = backend === 'poll' && count > 1000 ? 2000 : 50_000;

const poller = new Poller({ backend });
const [active, peer] = socketPair();
peer.write(Buffer.from('x'));
poller.monitor(active, 'dataAvailable');
const idle = [];
for (let i = 0; i < count - 1; i++) {
  // Both ends are monitored: twice as many sockets for the same descriptors.
  if (i % 2 === 0) idle.push(...socketPair());
  poller.monitor(idle[i], 'dataAvailable');
}

function wait(times) {
  for (let i = 0; i < times; i++) poller.wait(1000);
}
wait(WAITS / 10);
const before = process.cpuUsage();
wait(WAITS);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / WAITS);
for (const socket of [active, peer, ...idle]) socket.close();
