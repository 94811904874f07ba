const { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { certificate } = require('./certificate.cjs');
const { directoryFor, freePort, isRoot, run } = require('./running.cjs');

const POSTFIX = '/usr/sbin/postfix';

/** Why none can be had here; undefined: it can. */
exports.whyNoPostfix = !existsSync(POSTFIX)
  ? 'postfix is not installed here'
  : !isRoot
    ? 'postfix is started by root alone'
    : undefined;

/** Takes mail for its own machine, and throws it away. What is empty would be looked up in files of this machine. */
const settings = (directory) => `
compatibility_level = 3.6
queue_directory = ${directory}/queue
data_directory = ${directory}/data
maillog_file = ${directory}/log
maillog_file_prefixes = ${directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination = localhost
local_transport = discard
local_recipient_maps =
alias_maps =
smtpd_tls_cert_file = ${directory}/cert.pem
smtpd_tls_key_file = ${directory}/key.pem
smtpd_tls_security_level = may
`;

const services = (port) => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
discard unix - - n - - discard
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`;

/** A Postfix that offers STARTTLS, with queues and settings of its own: `{ target, cert, stop }`. */
exports.postfix = async () => {
  const { directory } = directoryFor('postfix');
  const { key, cert } = certificate();
  const port = await freePort();
  const [data, queue] = ['data', 'queue'].map((name) => join(directory, name));
  mkdirSync(queue);
  mkdirSync(data);
  const owner = ['-u', '-g'].map((which) => Number(run('id', [which, 'postfix'])));
  chownSync(data, ...owner);
  for (const [name, content] of Object.entries({
    'key.pem': key,
    'cert.pem': cert,
    'main.cf': settings(directory),
    'master.cf': services(port),
  })) {
    writeFileSync(join(directory, name), content, { mode: name === 'key.pem' ? 0o600 : 0o644 });
  }
  run(POSTFIX, ['-c', directory, 'start']); // over once it listens
  const stop = () => {
    run(POSTFIX, ['-c', directory, 'stop']);
    rmSync(directory, { recursive: true, force: true });
  };
  return { target: { host: '127.0.0.1', port }, cert, stop };
};
