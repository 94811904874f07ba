const { join } = require('node:path');
const { directoryFor, run, start, userName } = require('./running.cjs');

/** A MariaDB that checks no passwords: `{ target, stop }`. */
exports.mariadb = async () => {
  const { directory } = directoryFor('mariadb');
  const path = join(directory, 'mysql.sock');
  const where = ['--no-defaults', `--datadir=${join(directory, 'data')}`, `--user=${userName()}`];
  run('mariadb-install-db', [...where, '--auth-root-authentication-method=normal'], {
    cwd: directory,
  });
  const how = [`--socket=${path}`, '--skip-networking', '--skip-grant-tables', '--skip-log-bin'];
  const options = { ready: /ready for connections/ };
  const stop = await start(directory, '/usr/sbin/mariadbd', [...where, ...how], options);
  return { target: { path }, stop };
};
