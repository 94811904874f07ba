const { switchMap, tap } = require('rxjs');
const { lines } = require('bipoll/framing');
const { connect, decode, reconnect } = require('bipoll/reactive');

/** Asks a peer that is killed and started again for ever. Returns what ends it. */
exports.askPeer = (path, counts) => {
  const subscription = connect({ path })
    .pipe(
      switchMap((connection) => {
        counts.reconnects++;
        let asked = 0;
        const ask = () => connection.write(`question ${++asked}\n`);
        ask();
        return connection.data$.pipe(
          decode(lines()),
          tap((line) => {
            if (line !== `QUESTION ${asked}`) counts.wrong++;
            counts.answers++;
            ask();
          }),
        );
      }),
      reconnect({ delay: 10, maxDelay: 100 }),
    )
    .subscribe();
  return () => {
    subscription.unsubscribe();
  };
};
