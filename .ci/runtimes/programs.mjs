// Programs that people run, over our streams in place of `net.Socket`. Where a server of theirs is not installed, run.mjs says so.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import tls from 'node:tls';
import { Redis } from 'ioredis';
import pg from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import { lastValueFrom } from 'rxjs';
import { createConnection, toDuplex } from 'bipoll/streams';
import { postgresServer, redisServer, selfSigned } from './servers.mjs';
import { withServer } from './withServer.mjs';

const target = { host: '127.0.0.1', port: 0 };
const body = Buffer.alloc(500_000, 'bipoll');

/** By title; each with the file that must be there for it, if any. */
export const programs = {
  'pg asks a PostgreSQL': {
    needs: '/usr/lib/postgresql',
    async run() {
      const { path, stop } = await postgresServer();
      try {
        const stream = () => createConnection({ path });
        const pool = new pg.Pool({ user: 'tester', database: 'postgres', max: 3, stream });
        const sums = await Promise.all(
          Array.from({ length: 20 }, (_, i) => pool.query('select $1::int as sum', [i])),
        );
        assert.deepEqual(
          sums.map(({ rows }) => rows[0].sum),
          Array.from({ length: 20 }, (_, i) => i),
        );
        const { rows } = await pool.query('select $1::bytea as bytes', [body]);
        assert.ok(rows[0].bytes.equals(body));
        await pool.end();
      } finally {
        await stop();
      }
    },
  },

  'ioredis asks a redis-server': {
    needs: '/usr/bin/redis-server',
    async run() {
      const { path, stop } = await redisServer();
      try {
        class Connector {
          check = () => true;
          connect = async () => (this.stream = createConnection({ path }));
          disconnect = () => this.stream?.end();
        }
        const redis = new Redis({ Connector });
        assert.equal(await redis.set('large', body), 'OK');
        assert.ok((await redis.getBuffer('large')).equals(body));
        const many = await Promise.all(Array.from({ length: 100 }, (_, i) => redis.echo(`${i}`)));
        assert.equal(many[99], '99');
        const ended = once(redis, 'end');
        await redis.quit();
        await ended;
      } finally {
        await stop();
      }
    },
  },

  'ws, as client and server, exchanges messages': {
    run() {
      const sockets = new WebSocketServer({ noServer: true });
      const server = http.createServer().on('upgrade', (request, socket, head) => {
        sockets.handleUpgrade(request, socket, head, (each) => {
          each.on('message', (data, isBinary) => each.send(data, { binary: isBinary }));
        });
      });
      const serve = (connection) => {
        server.emit('connection', toDuplex(connection, { allowHalfOpen: true }));
        return connection.closed$;
      };
      return withServer(target, serve, async (address) => {
        const client = new WebSocket('ws://localhost/', {
          createConnection: () => createConnection(address),
          perMessageDeflate: false,
        });
        await once(client, 'open');
        client.send(body);
        const [got] = await once(client, 'message');
        assert.ok(body.equals(got));
        client.close(1000);
        await once(client, 'close');
      });
    },
  },

  'node:tls, as client and server, checks the certificate and echoes': {
    needs: '/usr/bin/openssl',
    run() {
      const { key, cert } = selfSigned();
      const secureContext = tls.createSecureContext({ key, cert });
      const serve = async (connection) => {
        const stream = toDuplex(connection, { allowHalfOpen: true });
        const secured = new tls.TLSSocket(stream, { isServer: true, secureContext });
        secured.pipe(secured);
        await lastValueFrom(connection.closed$);
      };
      return withServer(target, serve, async (address) => {
        const socket = createConnection(address);
        const client = tls.connect({ socket, ca: cert, servername: 'localhost' });
        await once(client, 'secureConnect');
        client.write(body);
        // Not ended before: Bun's TLSSocket destroys any Duplex, ours or not, before all is sent to a peer that has ended.
        let echoed = Buffer.alloc(0);
        for await (const chunk of client) {
          echoed = Buffer.concat([echoed, chunk]);
          if (echoed.length >= body.length) break;
        }
        assert.ok(echoed.equals(body));
      });
    },
  },
};
