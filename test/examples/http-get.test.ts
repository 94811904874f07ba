import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { listenTcp } from 'bipoll';
import { connect } from 'bipoll/sync';
import { get } from '../../examples/http-get';
import { untilServed } from '../support/example';
import { freshPath } from '../support/freshPath';
import { startScript } from '../support/script';

const hasNginx = spawnSync('nginx', ['-v']).status === 0;
// Skipped where nginx is not installed; CI installs it.
(hasNginx ? test : test.skip)('pages come from a real nginx', () => {
  const directory = freshPath();
  const path = `${directory}/nginx.sock`;
  mkdirSync(directory);
  writeFileSync(`${directory}/page.txt`, 'x'.repeat(500_000));
  writeFileSync(
    `${directory}/nginx.conf`,
    `daemon off; master_process off; pid ${directory}/pid; error_log stderr crit;
     events {}
     http {
       access_log off;
       client_body_temp_path ${directory}; proxy_temp_path ${directory};
       fastcgi_temp_path ${directory}; uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
       server { listen unix:${path}; root ${directory}; }
     }`,
  );
  const nginx = spawn('nginx', ['-p', directory, '-c', `${directory}/nginx.conf`], {
    stdio: 'ignore',
  });
  try {
    untilServed({ path });
    using socket = connect({ path }, { timeout: 1000 });
    const { status, headers, body } = get(socket, 'localhost', '/page.txt');
    expect([status, headers.get('content-length'), body.length]).toEqual([200, '500000', 500_000]);
    using other = connect({ path }, { timeout: 1000 });
    expect(get(other, 'localhost', '/missing').status).toBe(404);
  } finally {
    nginx.kill();
  }
});

test('a chunked body, and one up to the end, come from node:http', () => {
  const path = freshPath();
  const server = startScript(`
    import http from 'node:http';
    http.createServer((request, response) => {
      if (request.url === '/plain') {
        response.socket.end('HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\nto the end');
        return;
      }
      response.write('in ');
      setImmediate(() => response.end('chunks'));
    }).listen(${JSON.stringify(path)});`);
  untilServed({ path });
  for (const [page, expected] of [
    ['/', 'in chunks'],
    ['/plain', 'to the end'],
  ] as const) {
    using socket = connect({ path }, { timeout: 1000 });
    const { status, body } = get(socket, 'localhost', page);
    expect([status, body.toString()]).toEqual([200, expected]);
  }
  server.kill();
});

test('a server that is no HTTP server is an error', () => {
  using server = listenTcp({ port: 0 });
  using socket = connect({ port: server.port }, { timeout: 1000 });
  server.accept().close();
  expect(() => get(socket, 'localhost', '/')).toThrow();
});
