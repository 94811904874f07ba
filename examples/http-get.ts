// HTTP/1.1 GET with blocking reads: a body of known length, a chunked one, or one up to the end.
//
//   npx tsx examples/http-get.ts --host localhost --port 8080 /index.html
import type { StreamSocket } from 'bipoll';
import { connect, readExactly, readSome, readUntil, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

const options = { timeout: 5000 };

type Headers = ReadonlyMap<string, string>;

export interface Response {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Asks for a page over a connection to its server, which `host` names. */
export function get(socket: StreamSocket, host: string, page: string): Response {
  writeAll(socket, `GET ${page} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, options);
  for (;;) {
    const { status, headers } = readHead(socket);
    // 1xx only announces the response: its head is still to come.
    if (status >= 200) return { status, headers, body: readBody(socket, status, headers) };
  }
}

function readHead(socket: StreamSocket): { status: number; headers: Headers } {
  const [statusLine = '', ...fields] = readUntil(socket, '\r\n\r\n', options)
    .toString('latin1')
    .trimEnd()
    .split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`This is not HTTP/1.1: ${statusLine}`);
  const headers = new Map<string, string>();
  for (const field of fields) {
    const colon = field.indexOf(':');
    headers.set(field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim());
  }
  return { status: Number(status), headers };
}

function readBody(socket: StreamSocket, status: number, headers: Headers): Buffer {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return readChunked(socket);
  const length = headers.get('content-length');
  return length === undefined ? readToEnd(socket) : readExactly(socket, Number(length), options);
}

function readChunked(socket: StreamSocket): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const line = readUntil(socket, '\r\n', options).toString('latin1');
    const size = /^[\da-f]+/i.exec(line)?.[0]; // extensions may follow
    if (size === undefined) throw new Error(`This is no chunk size: ${line}`);
    if (Number(`0x${size}`) === 0) break;
    chunks.push(readExactly(socket, Number(`0x${size}`), options));
    readUntil(socket, '\r\n', options);
  }
  // Trailers, up to an empty line.
  while (readUntil(socket, '\r\n', options).length > 2);
  return Buffer.concat(chunks);
}

function readToEnd(socket: StreamSocket): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk; (chunk = readSome(socket, options));) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function main(): void {
  const { target, rest } = readArguments(
    'http-get ([--host HOST] --port PORT | --path PATH) [PAGE]',
  );
  using socket = connect(target, options);
  const host = 'path' in target ? 'localhost' : `${target.host}:${target.port}`;
  const { status, body } = get(socket, host, rest[0] ?? '/');
  process.stdout.write(body);
  if (status >= 400) process.exitCode = 1;
}

if (require.main === module) main();
