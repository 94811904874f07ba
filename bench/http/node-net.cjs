// node:http as it is, over net.Socket.
require('../echo-service/report.cjs');
const { target } = require('../echo-service/target.cjs');
const { server } = require('./server.cjs');

server.listen(target, () => console.log('listening'));
