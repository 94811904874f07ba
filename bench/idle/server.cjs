// Accepts, and says at each SIGUSR2 how many bytes of memory it has. `server.cjs PATH accepted|piped`
const { mergeMap, tap } = require('rxjs');
const { listen } = require('bipoll/reactive');

const [path, use] = process.argv.slice(2);
const connections = listen(
  { path },
  { backlog: 4096, onListening: () => console.log('listening') },
);
const echo = (connection) => connection.data$.pipe(tap((chunk) => connection.write(chunk)));
(use === 'piped' ? connections.pipe(mergeMap(echo)) : connections).subscribe();

process.on('SIGUSR2', () => {
  console.log(process.memoryUsage.rss());
});
