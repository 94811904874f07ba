require('../echo-service/report.cjs');
const { listen, serve } = require('bipoll/reactive');
const { target } = require('../echo-service/target.cjs');
const { echoOfConnection } = require('../framed-echo/echoes.cjs');
const { identity } = require('./identity.cjs');

listen(target, { tls: identity, backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(echoOfConnection))
  .subscribe();
