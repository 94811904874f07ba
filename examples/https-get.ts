// HTTPS in five lines that block: each waits for its part, with a limit, and checks whom it talks to.
//
//   npx tsx examples/https-get.ts --host localhost --port 8443 --ca authority.pem /index.html
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectTls, readLine, readSome, type SecuringOptions, writeAll } from 'bipoll/sync';
import { misused } from './arguments';

/** The status line, and everything behind it up to the end of the connection. */
export function ask(host: string, port: number, page: string, options: SecuringOptions): string[] {
  const limit = { timeout: 5000 };
  using socket = connectTls({ host, port }, options);
  writeAll(socket, `GET ${page} HTTP/1.0\r\nHost: ${host}\r\n\r\n`, limit);
  const answer = [readLine(socket, limit) ?? ''];
  for (let chunk; (chunk = readSome(socket, limit));) answer.push(chunk.toString());
  return answer;
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      host: { type: 'string' },
      port: { type: 'string', default: '443' },
      ca: { type: 'string' }, // an authority of your own, in PEM
    },
  });
  const { host, port, ca } = values;
  if (host === undefined) misused('https-get --host HOST [--port PORT] [--ca FILE] [PAGE]');
  const trust = ca === undefined ? {} : { ca: readFileSync(ca) };
  const answer = ask(host, Number(port), positionals[0] ?? '/', { timeout: 5000, ...trust });
  console.log(answer.join('\n'));
}

if (require.main === module) main();
