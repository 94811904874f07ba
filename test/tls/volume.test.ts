import { makeIdentity } from '../support/certificates';
import { exitOf, startScript } from '../support/script';
import { isSanitized } from '../support/where';
import { whereInstalled } from '../support/whereInstalled';

const MIB = 2 ** 20;
const TOTAL = 320 * MIB;
/** By then the code is compiled, and V8 collects chunks: Node.js 24 lets 64 MiB of dead ones lie before it begins. */
const WARM = 64 * MIB;
/** Of an end that is warm. */
const maxGrowth = isSanitized ? Infinity : 32 * MIB;

/**
 * One end of a connection over TLS. It sends as fast as it may, and reads slowly, at once, and prints how many bytes came,
 * and how far it grew meanwhile.
 */
const END = (connection: string, ca = '') => `
  import { ignoreElements, ${connection.startsWith('listen') ? 'take, ' : ''}mergeMap, merge, timer } from 'rxjs';
  import { connect, listen, pacedMap } from 'bipoll/reactive';
  const ca = ${JSON.stringify(ca)};
  const piece = Buffer.alloc(${MIB}, 'x');
  function* pieces() {
    for (let sent = 0; sent < ${TOTAL}; sent += piece.length) yield piece;
  }
  let received = 0;
  let start = 0;
  let peak = 0;
  const watch = setInterval(() => {
    if (received < ${WARM}) start = process.memoryUsage.rss();
    peak = Math.max(peak, process.memoryUsage.rss() - start);
  }, 5);
  watch.unref();
  const slowly = pacedMap((chunk) => {
    const before = received >> 20;
    received += chunk.length;
    return received >> 20 === before ? [] : timer(0).pipe(ignoreElements());
  });
  ${connection}
    .pipe(mergeMap((connection) => merge(connection.send((function* () {
      yield* pieces();
      connection.end();
    })()), connection.data$.pipe(slowly))))
    .subscribe({ complete: () => console.log(JSON.stringify({ received, peak })) });`;

async function outputOf(script: ReturnType<typeof startScript>): Promise<string> {
  let output = '';
  for await (const chunk of script.stdout!) output += (chunk as Buffer).toString();
  return output;
}

whereInstalled('openssl', 'version')('TLS', () => {
  test('carries hundreds of megabytes both ways at once to slow readers, and neither end grows', async () => {
    const { key, cert } = makeIdentity();
    const options = `{ tls: { key: ${JSON.stringify(String(key))}, cert: ${JSON.stringify(String(cert))} },
      allowHalfOpen: true, onListening: ({ port }) => console.log(port) }`;
    const server = startScript(END(`listen({ port: 0 }, ${options}).pipe(take(1))`));
    const port = await new Promise<number>((resolve) => {
      server.stdout!.once('data', (line: Buffer) => {
        server.stdout!.pause();
        resolve(Number(String(line)));
      });
    });
    const served = outputOf(server);
    const client = startScript(
      END(
        `connect({ host: '127.0.0.1', port: ${port} }, { tls: { ca }, allowHalfOpen: true })`,
        String(cert),
      ),
    );
    const [output, exits] = await Promise.all([
      outputOf(client),
      Promise.all([exitOf(client), exitOf(server)]),
    ]);
    expect(exits).toEqual([0, 0]);
    for (const report of [output, await served]) {
      const { received, peak } = JSON.parse(report) as { received: number; peak: number };
      expect(received).toBe(TOTAL);
      expect(peak).toBeLessThan(maxGrowth);
    }
  });
});
