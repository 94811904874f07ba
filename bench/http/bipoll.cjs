// The same server over our Duplex.
require('../echo-service/report.cjs');
const { listen } = require('bipoll/reactive');
const { toDuplex } = require('bipoll/streams');
const { target } = require('../echo-service/target.cjs');
const { server } = require('./server.cjs');

listen(target, { onListening: () => console.log('listening') }).subscribe((connection) => {
  server.emit('connection', toDuplex(connection, { allowHalfOpen: true }));
});
