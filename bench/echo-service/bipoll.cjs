// The pipeline of the README. `bipoll.cjs ADDRESS [borrow]`
require('./report.cjs');
const { mergeMap, tap } = require('rxjs');
const { listen } = require('bipoll/reactive');
const { target } = require('./target.cjs');

const borrow = process.argv[3] === 'borrow';
listen(target, { borrow, backlog: 4096, onListening: () => console.log('listening') })
  .pipe(mergeMap((connection) => connection.data$.pipe(tap((chunk) => connection.write(chunk)))))
  .subscribe();
