// The loop of the C server, over the core: what came in one call is answered in one.
const { bindUdp, Poller } = require('bipoll');
require('../echo-service/report.cjs');

const socket = bindUdp({ receiveBufferSize: 4 * 1024 * 1024 });
const poller = new Poller();
poller.monitor(socket, 'dataAvailable');
console.log(socket.localPort);

/** How long JavaScript may not run, so that the wait ends for the signal that asks for a report. */
const MOMENT = 100;

function serve() {
  const until = performance.now() + MOMENT;
  while (performance.now() < until) {
    if (poller.wait(MOMENT).length === 0) break;
    const messages = socket.receiveMany();
    socket.sendMany(messages.map(({ bytes, from }) => ({ bytes, to: from })));
  }
  setImmediate(serve);
}

serve();
