import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws';
import { type Connection, fromSocket } from 'bipoll/reactive';
import {
  fromDuplex,
  type FromDuplexOptions,
  fromWebStreams,
  toDuplex,
  toWebStreams,
} from 'bipoll/streams';
import { pairOfSockets } from './Pair';
import { freshPath } from './freshPath';

/** What is to be a connection, and the stream at its other end. */
export interface Carried {
  readonly connect: (options?: FromDuplexOptions) => Connection;
  /** The stream that the connection is made of; null of Web Streams. */
  readonly duplex: Duplex | null;
  readonly peer: Duplex;
}

/** A kind of stream that carries a connection, which the same tests run over. */
export interface Carrier {
  readonly name: string;
  /** Whether one side can end and still hear the other. */
  readonly hasHalfClose: boolean;
  readonly open: () => Promise<Carried>;
}

function over(duplex: Duplex, peer: Duplex): Carried {
  peer.on('error', () => undefined);
  return { connect: (options) => fromDuplex(duplex, options), duplex, peer };
}

async function netSockets(where: { path: string } | { port: number }): Promise<Carried> {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen({ ...where, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const address = server.address() as AddressInfo | string;
  const client = net.connect(
    typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address.port },
  );
  const [peer] = (await accepted) as [net.Socket];
  server.close();
  return over(client, peer);
}

/** Streams of ours, over two sockets that know each other. */
function ours(): Carried {
  const halfOpen = { allowHalfOpen: true };
  const [duplex, peer] = pairOfSockets().map((end) => toDuplex(fromSocket(end), halfOpen));
  return over(duplex!, peer!);
}

/** Its standard streams pass on what a socket gets, and the other way round. */
async function ofChild(): Promise<Carried> {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = `
    const net = require('node:net');
    const socket = net.connect({ port: ${port}, host: '127.0.0.1', allowHalfOpen: true });
    process.stdin.pipe(socket).pipe(new net.Socket({ fd: 1, readable: false }));
    socket.on('error', () => process.exit(1));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [peer] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  return over(Duplex.from({ readable: child.stdout, writable: child.stdin }), peer);
}

async function webSockets(): Promise<Carried> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server });
  const accepted = once(sockets, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await once(client, 'open');
  const [peer] = (await accepted) as [WebSocket];
  server.close();
  return over(createWebSocketStream(client), createWebSocketStream(peer));
}

function web(): Carried {
  const [here, there] = pairOfSockets();
  const streams = toWebStreams(fromSocket(here, { allowHalfOpen: true }));
  const peer = toDuplex(fromSocket(there), { allowHalfOpen: true });
  peer.on('error', () => undefined);
  return { connect: (options) => fromWebStreams(streams, options), duplex: null, peer };
}

export const carriers: readonly Carrier[] = [
  { name: 'a net.Socket over TCP', hasHalfClose: true, open: () => netSockets({ port: 0 }) },
  {
    name: 'a net.Socket over a path',
    hasHalfClose: process.platform !== 'win32',
    open: () => netSockets({ path: freshPath() }),
  },
  { name: 'a Duplex of ours', hasHalfClose: true, open: () => Promise.resolve(ours()) },
  {
    name: 'a Duplex in memory',
    hasHalfClose: true,
    open: () => Promise.resolve(over(...duplexPair())),
  },
  { name: 'the pipes of a child process', hasHalfClose: true, open: ofChild },
  { name: 'the stream of a WebSocket', hasHalfClose: false, open: webSockets },
  { name: 'a pair of Web Streams', hasHalfClose: true, open: () => Promise.resolve(web()) },
];
