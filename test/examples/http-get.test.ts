import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { socketPair } from 'bipoll';
import { connect, readUntil, writeAll } from 'bipoll/sync';
import { get } from '../../examples/http-get';
import { outputOf, startExample } from '../support/example';
import { freshFile } from '../support/freshPath';
import { pairOfSockets } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { firstOutput, startScript } from '../support/script';
import { whereInstalled } from '../support/whereInstalled';
import { stop, untilSaid } from './peers';
import { freePort } from '../support/freePort';

const host = '127.0.0.1';

whereInstalled('nginx', '-v')('with a real nginx', () => {
  test('pages come whole', async () => {
    const directory = freshFile();
    const port = freePort();
    const page = 'line\n'.repeat(100_000);
    mkdirSync(directory);
    writeFileSync(`${directory}/page.txt`, page);
    writeFileSync(
      `${directory}/nginx.conf`,
      `daemon off; master_process off; pid ${directory}/pid; error_log stderr notice;
     events {}
     http {
       access_log off;
       client_body_temp_path ${directory}; proxy_temp_path ${directory};
       fastcgi_temp_path ${directory}; uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
       server {
         listen ${host}:${port};
         root ${directory};
         location = /nothing { return 204; }
       }
     }`,
    );
    const nginx = spawn('nginx', ['-p', directory, '-c', `${directory}/nginx.conf`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      await untilSaid(nginx, /event method/, 'stderr'); // by then it listens
      const ask = (path: string) => {
        using socket = connect({ host, port }, { timeout: PATIENCE });
        return get(socket, `${host}:${port}`, path);
      };
      const { status, headers, body } = ask('/page.txt');
      expect([status, headers.get('content-length')]).toEqual([200, '500000']);
      expect(body.toString()).toBe(page);
      expect(ask('/nothing')).toMatchObject({ status: 204, body: Buffer.alloc(0) });
      expect(ask('/missing').status).toBe(404);
      const program = startExample('http-get', ['--host', host, '--port', `${port}`, '/page.txt']);
      expect(await outputOf(program)).toBe(page);
    } finally {
      await stop(nginx);
    }
  });
});

test('a chunked body, and one up to the end, come from node:http', async () => {
  const server = startScript(`
    import http from 'node:http';
    const server = http.createServer((request, response) => {
      if (request.url === '/plain') {
        response.socket.end('HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\nto the end');
        return;
      }
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('in ');
      response.write('x'.repeat(100_000));
      response.addTrailers({ 'X-Sum': '1' });
      setImmediate(() => response.end(' chunks'));
    });
    server.listen(0, '${host}', () => console.log(server.address().port));`);
  const port = Number(await firstOutput(server));
  for (const [page, expected] of [
    ['/', `in ${'x'.repeat(100_000)} chunks`],
    ['/plain', 'to the end'],
  ] as const) {
    using socket = connect({ host, port }, { timeout: PATIENCE });
    const { status, body } = get(socket, host, page);
    expect([status, body.toString()]).toEqual([200, expected]);
  }
  await stop(server);
});

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n';

test('chunks may have extensions', () => {
  const [client, server] = socketPair();
  writeAll(server, `${chunked}3;name=value\r\nabc\r\n0\r\n\r\n`, { timeout: PATIENCE });
  expect(get(client, 'example.org', '/page').body.toString()).toBe('abc');
  expect(readUntil(server, '\r\n\r\n', { timeout: PATIENCE }).toString()).toBe(
    'GET /page HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n',
  );
  client.close();
  server.close();
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /not HTTP/],
  ['no chunk size', `${chunked}zz\r\n`, /no chunk size/],
  ['an end within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab', /after 2 bytes/],
  ['an end within the chunks', `${chunked}1\r\na\r\n`, /after 0 bytes/],
  ['nothing at all', '', /after 0 bytes/],
])('%s is an error, and no page', (_, response, message) => {
  const [client, server] = pairOfSockets();
  if (response !== '') writeAll(server, response, { timeout: PATIENCE });
  server.shutdown();
  expect(() => get(client, 'localhost', '/')).toThrow(message);
  client.close();
  server.close();
});
