// A server that waits for many, without an event loop: `blocking.cjs TCP|PATH OPTIONS`. As that of the README, but that a
// client which leaves while its answers wait is disconnected: readyToWrite alone would never tell that it has gone.
const { listenLocal, listenTcp, Poller } = require('bipoll');
const { target, tell } = require('./target.cjs');

const server = 'path' in target ? listenLocal(target) : listenTcp(target);
const poller = new Poller();
poller.monitor(server, 'connectionAvailable');
const incoming = ['dataAvailable', 'remoteDisconnected'];
const outgoing = ['readyToWrite', 'remoteDisconnected'];
const buffer = Buffer.alloc(65536);

function echo(client) {
  const got = client.read(buffer, { peek: true });
  const taken = got === null ? 0 : client.write(buffer, { end: got });
  if (taken === 0 && client.remoteDisconnected()) {
    client.close();
    return;
  }
  client.read(buffer, { end: taken });
  poller.setMonitoredEvents(client, taken < got ? outgoing : incoming);
}

function serve({ socket }) {
  try {
    if (socket === server) poller.monitor(server.accept(), incoming);
    else echo(socket);
  } catch {
    if (socket !== server) socket.close();
  }
}

tell(server);
for (;;) poller.wait(Infinity).forEach(serve);
