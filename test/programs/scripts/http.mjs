// Clients and servers of HTTP.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';
import express from 'express';
import fastify from 'fastify';
import { Client } from 'undici';
import { certificate } from '../servers/certificate.cjs';
import { body, received, sha256 } from './bytes.mjs';

/** Answers with what it was sent. */
const echo = (request, response) => request.pipe(response);

/** A keep-alive agent over one stream. */
function agentOver({ Agent }, createConnection) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = createConnection;
  return agent;
}

async function ask(module, options, content) {
  const request = module.request({ host: 'localhost', ...options });
  request.end(content);
  const [response] = await once(request, 'response');
  return [response.statusCode, await received(response)];
}

/** Three requests over one connection. @returns what was answered */
async function askThrice(module, agent) {
  const answers = [];
  for (let i = 0; i < 3; i++) {
    const [status, bytes] = await ask(module, { agent, method: 'POST' }, body);
    answers.push([status, sha256(bytes)]);
  }
  return answers;
}

/** What a server of any framework answers. */
async function askAll(streams, target, requests) {
  const agent = agentOver(http, () => streams.connecting(target));
  const answers = [];
  for (const [options, content] of requests) {
    const [status, bytes] = await ask(http, { agent, ...options }, content);
    answers.push([status, bytes.toString()]);
  }
  agent.destroy();
  return answers;
}

const json = { 'content-type': 'application/json' };
const requests = [
  [{ path: '/hello' }],
  [{ path: '/echo', method: 'POST', headers: json }, JSON.stringify({ long: 'x'.repeat(90_000) })],
  [{ path: '/echo', method: 'POST', headers: json }, 'no JSON'],
  [{ path: '/nowhere' }],
];

export const httpScripts = {
  'http: a server, and an agent that keeps its connection': {
    async play(streams) {
      const server = http.createServer(echo);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const agent = agentOver(http, () => streams.connecting(target));
      const answers = await askThrice(http, agent);
      agent.destroy();
      return answers;
    },
  },

  'http: a server gives up a client that says nothing': {
    async play(streams) {
      const server = http.createServer(echo);
      server.setTimeout(20);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      return (await received(streams.connecting(target))).length;
    },
  },

  'https: a server, and an agent that keeps its connection': {
    needs: '/usr/bin/openssl',
    async play(streams) {
      const { key, cert } = certificate();
      const server = https.createServer({ key, cert }, echo);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const agent = agentOver(https, () =>
        tls.connect({ socket: streams.connecting(target), ca: cert, servername: 'localhost' }),
      );
      const answers = await askThrice(https, agent);
      agent.destroy();
      return answers;
    },
  },

  'http2: a server, and a client with many streams': {
    async play(streams) {
      const server = http2.createServer(echo);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const createConnection = () => streams.connecting(target);
      const session = http2.connect('http://localhost', { createConnection });
      const part = body.subarray(0, 1_000_000); // a session holds no more than 10 MB
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => {
          const request = session.request({ ':method': 'POST' });
          request.end(part);
          return received(request);
        }),
      );
      const closed = once(session, 'close');
      session.close();
      await closed;
      return answers.map(sha256);
    },
  },

  'undici: a client': {
    async play(streams) {
      const server = http.createServer(echo);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const client = new Client('http://localhost', {
        connect(options, done) {
          const stream = streams.connecting(target);
          stream.once('error', done).once('connect', () => done(null, stream));
        },
      });
      const post = { path: '/', method: 'POST', body };
      const answers = await Promise.all(
        Array.from({ length: 5 }, async () => {
          const { statusCode, body: bytes } = await client.request(post);
          return [statusCode, sha256(Buffer.from(await bytes.arrayBuffer()))];
        }),
      );
      await client.close();
      return answers;
    },
  },

  'express: a server': {
    async play(streams) {
      const app = express().use(express.json());
      app.get('/hello', (request, response) => response.json({ ip: request.ip }));
      app.post('/echo', (request, response) => response.json(request.body));
      app.use((error, request, response, next) => {
        if (!error) next();
        else response.status(error.status).end(error.type);
      });
      const server = http.createServer(app);
      const target = await streams.listen((stream) => server.emit('connection', stream));
      return askAll(streams, target, requests);
    },
  },

  'fastify: a server': {
    async play(streams) {
      let server;
      const serverFactory = (handler) => (server = http.createServer(handler));
      const app = fastify({ serverFactory });
      app.get('/hello', (request) => ({ ip: request.ip }));
      app.post('/echo', (request) => request.body);
      await app.ready();
      const target = await streams.listen((stream) => server.emit('connection', stream));
      const answers = await askAll(streams, target, requests);
      await app.close();
      return answers;
    },
  },
};
