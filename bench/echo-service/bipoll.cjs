// The pipeline of the README. `bipoll.cjs PATH [borrow]`
require('./report.cjs');
const { mergeMap, tap } = require('rxjs');
const { listen } = require('bipoll/reactive');

const [path, borrow] = process.argv.slice(2);
listen(
  { path },
  { borrow: borrow === 'borrow', backlog: 4096, onListening: () => console.log('listening') },
)
  .pipe(mergeMap((connection) => connection.data$.pipe(tap((chunk) => connection.write(chunk)))))
  .subscribe();
