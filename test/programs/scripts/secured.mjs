// Programs that encrypt what goes over the stream.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import tls from 'node:tls';
import nodemailer from 'nodemailer';
import ssh from 'ssh2';
import { certificate } from '../servers/certificate.cjs';
import { postfix } from '../servers/postfix.cjs';
import { body, received, sha256 } from './bytes.mjs';

export const secured = {
  'node:tls: a server and a client': {
    needs: '/usr/bin/openssl',
    async play(streams) {
      const { key, cert } = certificate();
      const secureContext = tls.createSecureContext({ key, cert });
      const target = await streams.listen((stream) => {
        const server = new tls.TLSSocket(stream, { isServer: true, secureContext });
        server.pipe(server);
      });
      const socket = streams.connecting(target);
      const client = tls.connect({ socket, ca: cert, servername: 'localhost' });
      await once(client, 'secureConnect');
      client.write(body);
      // Not ended before: Bun's TLSSocket destroys any stream before all is sent to a peer that has ended.
      const chunks = [];
      let length = 0;
      for await (const chunk of client) {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= body.length) break;
      }
      return [client.authorized, sha256(Buffer.concat(chunks))];
    },
  },

  'nodemailer: a client of Postfix, with STARTTLS': {
    needs: '/usr/sbin/postfix',
    server: postfix,
    async play(streams, { target, cert }) {
      const transport = nodemailer.createTransport({
        host: 'localhost',
        port: target.port,
        requireTLS: true,
        tls: { ca: cert, servername: 'localhost' },
        getSocket(options, done) {
          const connection = streams.connecting(target);
          connection.once('error', done).once('connect', () => done(null, { connection }));
        },
      });
      const { accepted, response } = await transport.sendMail({
        from: 'somebody@localhost',
        to: 'anybody@localhost',
        subject: 'Over a stream',
        attachments: [{ filename: 'large', content: body }],
      });
      transport.close();
      return [accepted, response.replace(/queued as .*/, 'queued')];
    },
  },

  'ssh2: a server and a client': {
    async play(streams) {
      const { privateKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
        publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      });
      const server = new ssh.Server({ hostKeys: [privateKey] }, (client) => {
        client
          .on('authentication', (attempt) => attempt.accept())
          .on('session', (accept) => {
            accept().on('exec', (acceptExec) => {
              const channel = acceptExec();
              channel.pipe(channel, { end: false }).on('end', () => {
                channel.exit(3);
                channel.end();
              });
            });
          });
      });
      const target = await streams.listen((stream) => server.injectSocket(stream));
      const client = new ssh.Client();
      client.connect({ sock: streams.connecting(target), username: 'tester' });
      await once(client, 'ready');
      const channel = await new Promise((resolve, reject) => {
        client.exec('echo', (error, made) => (error ? reject(error) : resolve(made)));
      });
      const exit = once(channel, 'exit');
      channel.end(body);
      const got = await received(channel);
      const [code] = await exit;
      const closed = once(client, 'close');
      client.end();
      await closed;
      return [sha256(got), code];
    },
  },
};
