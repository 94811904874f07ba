// The pipeline of the README. `bipoll.cjs ADDRESS [borrow | context]`
require('./report.cjs');
const { AsyncLocalStorage } = require('node:async_hooks');
const { mergeMap, tap } = require('rxjs');
const { listen } = require('bipoll/reactive');
const { target } = require('./target.cjs');

const how = process.argv[3];

const echo = (connection) => connection.data$.pipe(tap((chunk) => connection.write(chunk)));

const stores = new AsyncLocalStorage();

/** Each connection has a store, which is looked at for each message. */
const echoInContext = (connection) => {
  stores.enterWith({ connection });
  return echo(connection).pipe(tap(() => stores.getStore()));
};

listen(target, {
  borrow: how === 'borrow',
  backlog: 4096,
  maxConnections: 100_000, // as many as are there, beside the idle ones
  onListening: () => console.log('listening'),
})
  .pipe(mergeMap(how === 'context' ? echoInContext : echo))
  .subscribe();
