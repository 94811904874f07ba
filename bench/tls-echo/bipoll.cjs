require('../echo-service/report.cjs');
const { tap } = require('rxjs');
const { lengthPrefixed } = require('bipoll/framing');
const { decode, serve } = require('bipoll/reactive');
const { listenTls } = require('bipoll/tls');
const { target } = require('../echo-service/target.cjs');
const { identity } = require('./identity.cjs');

const codec = lengthPrefixed();
const echo = (connection) =>
  connection.data$.pipe(
    decode(codec),
    tap((frame) => connection.write(codec.encode(frame))),
  );

listenTls(target, { ...identity, backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(echo))
  .subscribe();
