require('../echo-service/report.cjs');
const { serve } = require('bipoll/reactive');
const { listenTls } = require('bipoll/tls');
const { target } = require('../echo-service/target.cjs');
const { echoOfConnection } = require('../framed-echo/echoes.cjs');
const { identity } = require('./identity.cjs');

listenTls(target, { ...identity, backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(echoOfConnection))
  .subscribe();
