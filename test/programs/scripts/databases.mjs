// Clients of databases, with the real ones.
import { once } from 'node:events';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import postgresClient from 'postgres';
import { mariadb } from '../servers/mariadb.cjs';
import { postgres } from '../servers/postgres.cjs';
import { redis } from '../servers/redis.cjs';
import { body, sha256 } from './bytes.mjs';

const codeOf = (error) => error.code;
const numbers = Array.from({ length: 20 }, (_, index) => index);

export const databases = {
  'pg: a client': {
    needs: '/usr/lib/postgresql',
    server: postgres,
    async play(streams, { directory, target }) {
      const where = { user: 'tester', database: 'postgres', host: directory };
      const client = new pg.Client({ ...where, stream: () => streams.unconnected(target) });
      await client.connect();
      const large = await client.query('select $1::bytea as bytes', [body]);
      const many = await client.query('select i from generate_series(1, 50000) as i');
      const refusal = await client.query('nonsense').catch(codeOf);
      await client.end();
      return [sha256(large.rows[0].bytes), many.rows.at(-1), refusal];
    },
  },

  'pg: a pool whose connections the server ends': {
    needs: '/usr/lib/postgresql',
    server: postgres,
    async play(streams, { directory, target }) {
      const stream = () => streams.unconnected(target);
      const where = { user: 'tester', database: 'postgres', host: directory, max: 3 };
      const pool = new pg.Pool({ ...where, stream });
      const losses = [];
      pool.on('error', ({ code }) => losses.push(code));
      const ask = (i) => pool.query('select $1::int as number', [i]);
      const before = await Promise.all(numbers.map(ask));
      const removed = once(pool, 'remove');
      const client = await pool.connect();
      const { rows } = await client.query('select pg_backend_pid() as pid');
      client.release();
      const others = await pool.connect();
      await others.query('select pg_terminate_backend($1)', [rows[0].pid]).catch(codeOf);
      others.release();
      await removed;
      const after = await Promise.all(numbers.map(ask));
      await pool.end();
      return [before, after].map((results) => results.map((result) => result.rows[0].number));
    },
  },

  postgres: {
    needs: '/usr/lib/postgresql',
    server: postgres,
    async play(streams, { target }) {
      const socket = () => streams.connecting(target);
      const sql = postgresClient({ user: 'tester', database: 'postgres', max: 3, socket });
      const sums = await Promise.all(numbers.map((i) => sql`select ${i}::int as number`));
      const [large] = await sql`select ${body}::bytea as bytes`;
      const rows = [];
      await sql`select i from generate_series(1, 1000) as i`.cursor(100, (some) => {
        rows.push(some.length);
      });
      const refusal = await sql`nonsense`.catch(codeOf);
      await sql.end();
      return [sums, sha256(large.bytes), rows, refusal];
    },
  },

  ioredis: {
    needs: '/usr/bin/redis-server',
    server: redis,
    async play(streams, { target }) {
      class Connector {
        check = () => true;
        connect = async () => (this.stream = streams.connecting(target));
        disconnect = () => this.stream?.end();
      }
      const client = new Redis({ Connector });
      const set = await client.set('large', body);
      const large = await client.getBuffer('large');
      const many = await Promise.all(numbers.map((i) => client.echo(`${i}`)));
      const ended = once(client, 'end');
      await client.quit();
      await ended;
      return [set, sha256(large), many];
    },
  },

  'mysql2: a pool': {
    needs: '/usr/sbin/mariadbd',
    server: mariadb,
    async play(streams, { target }) {
      const stream = () => streams.connecting(target);
      const pool = mysql.createPool({ user: 'root', connectionLimit: 3, stream });
      const sums = await Promise.all(
        numbers.map((i) => pool.execute('select cast(? as signed) as number', [i])),
      );
      const [[large]] = await pool.query('select ? as bytes', [body.subarray(0, 1_000_000)]);
      const refusal = await pool.query('nonsense').catch(codeOf);
      await pool.end();
      return [sums.map(([[row]]) => row.number), sha256(large.bytes), refusal];
    },
  },
};
