import { readFileSync } from 'node:fs';
import { connectLocalDatagram, connectUdp, type UdpSocket } from 'bipoll';
import { receiveMessage, sendMessage } from 'bipoll/sync';
import type { ValuesOf } from '../arguments/Option';
import type { Run } from '../Command';
import type { sendOptions } from '../definitions/send';
import { readEndpoint, textOf } from '../endpoints/Endpoint';
import { resolved } from '../endpoints/resolved';
import { errorAt, ExitCode, UsageError } from '../exitCodes';
import { jsonBytes, jsonLine } from '../shown/json';

type Values = ValuesOf<typeof sendOptions>;

/** Milliseconds for which the system may have no room for a message. */
const SEND_TIMEOUT = 5000;

/** Sends a datagram. */
export const run: Run<typeof sendOptions> = async (values, [target, data = '-']) => {
  const endpoint = readEndpoint(target!);
  const { reply, json } = values;
  if (endpoint.scheme === 'unix') {
    if (reply !== undefined) {
      throw new UsageError('Over a local socket nobody can answer: it is not bound to a path');
    }
    const socket = connectLocalDatagram({ path: endpoint.path });
    sendMessage(socket, bytesOf(data, values), { timeout: SEND_TIMEOUT });
    socket.close();
    return ExitCode.done;
  }
  if (endpoint.scheme !== 'udp') {
    throw new UsageError(
      `A datagram goes to udp://HOST:PORT or unix:PATH, not ${textOf(endpoint)}`,
    );
  }
  const { host = 'localhost', port } = endpoint;
  const bytes = bytesOf(data, values);
  const socket = connectUdp({ host: await resolved(host), port });
  try {
    if (values.broadcast) socket.setBroadcast(true);
    sendMessage(socket, bytes, { timeout: SEND_TIMEOUT });
    if (reply !== undefined) showReply(socket, reply, json);
  } catch (error) {
    throw errorAt(textOf(endpoint), error);
  } finally {
    socket.close();
  }
  return ExitCode.done;
};

function bytesOf(data: string, { encoding = 'utf8' }: Values): Buffer {
  const text = data === '-' ? readFileSync(0) : Buffer.from(data);
  if (encoding === 'utf8') return text;
  const digits = text.toString().replace(/\s/g, '');
  const bytes = Buffer.from(digits, encoding);
  // Buffer.from ends at the first letter that it does not understand.
  if (bytes.toString(encoding).length < digits.replace(/=+$/, '').length) {
    throw new UsageError(`DATA is not ${encoding}`);
  }
  return bytes;
}

function showReply(socket: UdpSocket, timeout: number, json: boolean): void {
  const { bytes } = receiveMessage(socket, { timeout });
  process.stdout.write(
    json ? jsonLine('received', { bytes: bytes.length, ...jsonBytes(bytes) }) : bytes,
  );
}
