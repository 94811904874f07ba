require('../echo-service/report.cjs');
const { listen, serve } = require('bipoll/reactive');
const { target } = require('../echo-service/target.cjs');
const { echoOfConnection } = require('./echoes.cjs');

listen(target, { backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(echoOfConnection))
  .subscribe();
