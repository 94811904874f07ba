require('../echo-service/report.cjs');
const tls = require('node:tls');
const { fromEvent, mergeMap } = require('rxjs');
const { target } = require('../echo-service/target.cjs');
const { echoOfSocket } = require('../framed-echo/echoes.cjs');
const { identity } = require('./identity.cjs');

const server = tls.createServer({ ...identity, noDelay: true });
fromEvent(server, 'secureConnection').pipe(mergeMap(echoOfSocket)).subscribe();
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
