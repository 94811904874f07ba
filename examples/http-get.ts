// HTTP/1.1 GET with blocking reads: a body of known length, a chunked one, or one up to the end.
//
//   npx tsx examples/http-get.ts --host localhost --port 8080 /index.html
import type { StreamSocket } from 'bipoll';
import { connect, readExactly, readSome, readUntil, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

const options = { timeout: 5000 };

export interface Response {
  status: number;
  headers: Map<string, string>;
  body: Buffer;
}

/** Asks for a page over a connection to its server. */
export function get(socket: StreamSocket, host: string, page: string): Response {
  writeAll(socket, `GET ${page} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, options);
  const [statusLine, ...lines] = readUntil(socket, '\r\n\r\n', options)
    .toString('latin1')
    .split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine ?? '')?.[1]);
  return { status, headers, body: readBody(socket, headers) };
}

function readBody(socket: StreamSocket, headers: Map<string, string>): Buffer {
  if (headers.get('transfer-encoding') === 'chunked') return readChunked(socket);
  const length = headers.get('content-length');
  return length === undefined ? readToEnd(socket) : readExactly(socket, Number(length), options);
}

function readChunked(socket: StreamSocket): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const size = parseInt(readUntil(socket, '\r\n', options).toString('latin1'), 16);
    const chunk = readExactly(socket, size, options);
    readUntil(socket, '\r\n', options);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}

function readToEnd(socket: StreamSocket): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk; (chunk = readSome(socket, options));) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function main(): void {
  const { target, rest } = readArguments('http-get [--host HOST] --port PORT [PAGE]');
  using socket = connect(target, options);
  const host = 'path' in target ? 'localhost' : target.host;
  process.stdout.write(get(socket, host, rest[0] ?? '/').body);
}

if (require.main === module) main();
