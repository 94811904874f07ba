const { Subject, tap } = require('rxjs');
const { lines } = require('bipoll/framing');
const { decode, listen, pacedMap, serve } = require('bipoll/reactive');

/** The service of the README. Returns what ends it. */
exports.serveAt = (path, counts, onListening) => {
  const stop$ = new Subject();
  const shout = (connection) =>
    connection.data$.pipe(
      decode(lines({ maxBytes: 1024 })),
      tap(() => counts.served++),
      pacedMap((line) => connection.send([line.toUpperCase() + '\n'])),
    );
  const isOver = new Promise((resolve) => {
    const complete = resolve;
    listen({ path }, { onListening })
      .pipe(serve(shout, { stop$, grace: 100 }))
      .subscribe({ complete });
  });
  return () => {
    stop$.next();
    return isOver;
  };
};
