import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  connect,
  connectTls,
  readExactly,
  readLine,
  readSome,
  retry,
  startTls,
  type TlsStream,
  writeAll,
} from 'bipoll/sync';
import { stop } from '../examples/peers';
import { type Identity, makeIdentity } from '../support/certificates';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { hasPostgres, Postgres } from '../support/postgres';
import { unwatched, whereInstalled } from '../support/whereInstalled';
import { describeWhere, isWindows } from '../support/where';
import { freePort } from '../support/freePort';

const host = '127.0.0.1';
const limit = { timeout: PATIENCE };

describeWhere(!isWindows, 'Windows cannot pass descriptors')('TLS that blocks', () => {
  whereInstalled('openssl', 'version')('with a real openssl s_server', () => {
    let identity: Identity;
    let server: ChildProcess;
    let port: number;
    beforeAll(() => {
      identity = makeIdentity();
      const directory = freshFile();
      mkdirSync(directory);
      const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
      writeFileSync(key, identity.key);
      writeFileSync(cert, identity.cert);
      port = freePort();
      const args = ['-accept', `${host}:${port}`, '-key', key, '-cert', cert, '-rev', '-quiet'];
      server = spawn('openssl', ['s_server', ...args], { env: unwatched, stdio: 'ignore' });
    });
    afterAll(() => stop(server));

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: it sends lines back reversed', (version) => {
      const versions = { minVersion: version, maxVersion: version };
      const options = { ca: identity.cert, ...versions };
      using socket = retry((left) => connectTls({ host, port }, { ...options, ...left }), limit);
      expect(socket.protocol).toBe(version);
      writeAll(socket, 'hello\n', limit);
      expect(readLine(socket, limit)).toBe('olleh');
      writeAll(socket, 'CLOSE\n', limit); // to which it answers by its end
      expect(readSome(socket, limit)).toBeNull();
    });
  });

  describeWhere(hasPostgres, 'PostgreSQL is not installed here')('with a real PostgreSQL', () => {
    let identity: Identity;
    let postgres: Postgres;
    beforeAll(async () => {
      identity = makeIdentity();
      postgres = await Postgres.start(identity);
    });
    afterAll(() => postgres.stop());

    test('an SSLRequest goes on as TLS, in which a query is answered', () => {
      const clear = connect({ host, port: postgres.port }, limit);
      writeAll(clear, Buffer.from('0000000804d2162f', 'hex'), limit);
      expect(String(readExactly(clear, 1, limit))).toBe('S');
      using socket = startTls(clear, { servername: 'localhost', ca: identity.cert, ...limit });
      const parameters = '\0\x03\0\0user\0tester\0database\0postgres\0\0';
      writeAll(socket, withLength('', parameters), limit);
      expect(messagesUpToReady(socket)).toHaveProperty('R'); // authentication
      const query = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()\0';
      writeAll(socket, withLength('Q', query), limit);
      expect(String(messagesUpToReady(socket)['D'])).toMatch(/t$/); // a row
      writeAll(socket, withLength('X', ''), limit);
      expect(readSome(socket, limit)).toBeNull();
    });

    /** The messages that come, by their kinds, to the one that says that the next query may. */
    function messagesUpToReady(socket: TlsStream): Record<string, Buffer> {
      const messages: Record<string, Buffer> = {};
      while (!messages['Z']) {
        const kind = String(readExactly(socket, 1, limit));
        const length = readExactly(socket, 4, limit).readInt32BE();
        messages[kind] = readExactly(socket, length - 4, limit);
      }
      return messages;
    }

    function withLength(kind: string, body: string): Buffer {
      const length = Buffer.alloc(4);
      length.writeInt32BE(4 + body.length);
      return Buffer.concat([Buffer.from(kind), length, Buffer.from(body, 'latin1')]);
    }
  });
});
