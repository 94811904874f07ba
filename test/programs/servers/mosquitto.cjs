const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { directoryFor, start, userName } = require('./running.cjs');

/** A mosquitto that lets everybody in: `{ target, stop }`. */
exports.mosquitto = async () => {
  const { directory } = directoryFor('mosquitto');
  const path = join(directory, 'mqtt.sock');
  const file = join(directory, 'mosquitto.conf');
  const lines = [`listener 0 ${path}`, 'allow_anonymous true', `user ${userName()}`];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const options = { ready: /mosquitto version .* running/ };
  const stop = await start(directory, '/usr/sbin/mosquitto', ['-c', file], options);
  return { target: { path }, stop };
};
