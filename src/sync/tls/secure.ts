import { MessageChannel } from 'node:worker_threads';
import { errorOfCode, socketError } from '../../core/errors';
import { END, native } from '../../core/native';
import type { StreamSocket } from '../../core/StreamSocket';
import { sendAllStaged } from '../../core/staged';
import { failed, timedOut } from '../failures';
import { takeUnread } from '../receive';
import type { Securing } from './options';
import { TlsStream } from './TlsStream';
import { TlsThread } from './TlsThread';

/** @throws SocketError `ENOTSUP`: another thread cannot take a descriptor over here */
export function checkPlatform(verb: string): void {
  if (!native.features().descriptorPassing) throw errorOfCode('ENOTSUP', verb);
}

/** Hands a connected stream to the TLS thread, and waits until the handshake is done. The stream is used up in any case. */
export function secure(socket: StreamSocket, verb: string, securing: Securing): TlsStream {
  const stream = handOver(socket, securing);
  try {
    awaitHandshake(stream, verb, securing);
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** What was received and nobody has taken: the thread goes on behind it. */
function takeReceived(socket: StreamSocket): Buffer {
  const pieces = [takeUnread(socket, socket.unread.length)];
  while (native.recall(socket.token)) {
    const piece = Buffer.alloc(16_384);
    const length = native.read(socket.token, piece, 0, piece.length, false);
    pieces.push(piece.subarray(0, length));
  }
  return Buffer.concat(pieces);
}

function handOver(socket: StreamSocket, securing: Securing): TlsStream {
  const { where } = socket;
  const { isServer, context, handshake } = securing;
  const thread = TlsThread.current;
  const pair = native.socketPair();
  if (typeof pair === 'number') throw socketError(pair, 'socketpair');
  const [ours, threads] = pair;
  const { port1, port2 } = new MessageChannel();
  const stream = new TlsStream(ours, port1, thread, where);
  const head = takeReceived(socket);
  const request = {
    ciphertext: socket instanceof TlsStream ? socket.giveToThread() : socket.detach(),
    plaintext: native.detach(threads),
    head,
    isServer,
    context,
    handshake,
    port: port2,
  };
  thread.begin(request, ours);
  return stream;
}

/** The thread writes a byte once the handshake is done, and ends the stream if it fails. */
function awaitHandshake(stream: TlsStream, verb: string, { deadline }: Securing): void {
  const { token, where } = stream;
  const byte = Buffer.alloc(1);
  sendAllStaged();
  const got = native.readWait(token, byte, 0, 1, deadline.left, deadline.interruptible);
  if (got === 0) throw timedOut(verb, deadline, where, 'the TLS handshake was not done');
  if (got < 0) {
    const error = got === END ? stream.endError : failed(got, verb, 'read', where);
    if (error) throw stream.causeOf(error);
  }
  stream.takeReports();
}
