const { join } = require('node:path');
const { directoryFor, start } = require('./running.cjs');

/** A redis-server: `{ target, stop }`. */
exports.redis = async () => {
  const { directory } = directoryFor('redis');
  const path = join(directory, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'];
  const stop = await start(directory, 'redis-server', args, { ready: /ready to accept/i });
  return { target: { path }, stop };
};
