require('../echo-service/report.cjs');
const net = require('node:net');
const { fromEvent, mergeMap } = require('rxjs');
const { target } = require('../echo-service/target.cjs');
const { echoOfSocket } = require('./echoes.cjs');

const server = net.createServer({ noDelay: true });
fromEvent(server, 'connection').pipe(mergeMap(echoOfSocket)).subscribe();
server.listen({ ...target, backlog: 4096 }, () => console.log('listening'));
