// The service of the README: `observables.cjs TCP|PATH OPTIONS`.
const { lines } = require('bipoll/framing');
const { decode, listen, pacedMap, serve } = require('bipoll/reactive');
const { target, tell } = require('./target.cjs');

const shout = (connection) =>
  connection.data$.pipe(
    decode(lines({ maxBytes: 1024 })),
    pacedMap((line) => connection.send([line.toUpperCase() + '\n'])),
  );

listen(target, { onListening: tell }).pipe(serve(shout)).subscribe();
