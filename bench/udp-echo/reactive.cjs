// The pipeline of the README, of which a batch may be at work.
require('../echo-service/report.cjs');
const { switchMap } = require('rxjs');
const { bind, pacedMap } = require('bipoll/reactive');

bind({ receiveBufferSize: 4 * 1024 * 1024 })
  .pipe(
    switchMap(({ messages$, send, socket }) => {
      console.log(socket.localPort);
      return messages$.pipe(pacedMap(({ bytes, from }) => send(bytes, from), { concurrency: 64 }));
    }),
  )
  .subscribe();
