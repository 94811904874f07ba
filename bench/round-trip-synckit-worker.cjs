'use strict';
const net = require('node:net');
const { runAsWorker } = require('synckit');

let socket;

runAsWorker(
  (path, message) =>
    new Promise((resolve, reject) => {
      socket ??= net.connect(path);
      socket.once('error', reject);
      socket.once('data', (bytes) => {
        socket.off('error', reject);
        resolve(bytes.toString());
      });
      socket.write(message);
    }),
);
