require('../echo-service/report.cjs');
const { tap } = require('rxjs');
const { lengthPrefixed } = require('bipoll/framing');
const { decode, listen, serve } = require('bipoll/reactive');
const { target } = require('../echo-service/target.cjs');

const codec = lengthPrefixed();
const echo = (connection) =>
  connection.data$.pipe(
    decode(codec),
    tap((frame) => connection.write(codec.encode(frame))),
  );

listen(target, { backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(echo))
  .subscribe();
