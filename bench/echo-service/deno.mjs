// Deno's own sockets.
/* global Deno -- of that runtime */
import process from 'node:process';

const [address] = Deno.args;
const listener = /^\d+$/.test(address)
  ? Deno.listen({ hostname: '127.0.0.1', port: Number(address) })
  : Deno.listen({ transport: 'unix', path: address });

Deno.addSignalListener('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(`${user} ${system} ${process.memoryUsage().rss}`);
});

async function echo(connection) {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const length = await connection.read(buffer);
    if (length === null) return;
    for (let sent = 0; sent < length;) {
      sent += await connection.write(buffer.subarray(sent, length));
    }
  }
}

console.log('listening');
for await (const connection of listener) {
  if (connection.setNoDelay) connection.setNoDelay(true);
  echo(connection).then(
    () => connection.close(),
    () => undefined,
  );
}
