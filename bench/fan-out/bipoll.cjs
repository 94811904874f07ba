// Tells everybody what anybody says.
require('../echo-service/report.cjs');
const { finalize, tap } = require('rxjs');
const { listen, serve } = require('bipoll/reactive');
const { target } = require('../echo-service/target.cjs');

const everybody = new Set();
const tell = (connection) => {
  everybody.add(connection);
  return connection.data$.pipe(
    tap((chunk) => {
      for (const each of everybody) each.write(chunk);
    }),
    finalize(() => everybody.delete(connection)),
  );
};

listen(target, { backlog: 4096, onListening: () => console.log('listening') })
  .pipe(serve(tell))
  .subscribe();
