// A blocking client for Redis in a page: RESP, the protocol of Redis, as a decoder of its own.
//
//   npx tsx examples/redis-client.ts --port 6379 SET greeting hello
import { FramingError, type Decoded, type Decoder } from 'bipoll/framing';
import type { StreamSocket } from 'bipoll';
import { connect, frames, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

export type Reply = string | number | null | RedisError | Reply[];

/** What Redis answers to a command it does not accept. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** One reply of the second version of the protocol. */
export const resp: Decoder<{ reply: Reply }> = {
  maxEncodedBytes: 512 * 1024 * 1024,
  decode(bytes) {
    const decoded = decodeReply(bytes, 0);
    return decoded && { frame: { reply: decoded.frame }, length: decoded.length };
  },
  decodeEnd(bytes) {
    throw new FramingError('ERR_FRAME_TRUNCATED', `The stream ended after ${bytes.length} bytes`);
  },
};

function decodeReply(bytes: Buffer, start: number): (Decoded<Reply> & { frame: Reply }) | null {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return null;
  const type = String.fromCharCode(bytes[start]!);
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const length = lineEnd + 2 - start;
  switch (type) {
    case '+':
      return { frame: line, length };
    case '-':
      return { frame: new RedisError(line), length };
    case ':':
      return { frame: Number(line), length };
    case '$':
      return decodeBulk(bytes, start, length, Number(line));
    case '*':
      return decodeArray(bytes, start, length, Number(line));
    default:
      throw new FramingError('ERR_FRAME_MALFORMED', `A reply cannot begin with ${type}`);
  }
}

function decodeBulk(bytes: Buffer, start: number, header: number, size: number) {
  if (size < 0) return { frame: null, length: header };
  const from = start + header;
  if (bytes.length < from + size + 2) return null;
  return { frame: bytes.toString('utf8', from, from + size), length: header + size + 2 };
}

function decodeArray(bytes: Buffer, start: number, header: number, count: number) {
  if (count < 0) return { frame: null, length: header };
  const replies: Reply[] = [];
  let length = header;
  while (replies.length < count) {
    const decoded = decodeReply(bytes, start + length);
    if (!decoded) return null;
    replies.push(decoded.frame);
    length += decoded.length;
  }
  return { frame: replies, length };
}

export class RedisClient {
  readonly #replies: Iterator<{ reply: Reply }, undefined>;

  constructor(
    readonly socket: StreamSocket,
    readonly timeout = 1000,
  ) {
    this.#replies = frames(socket, resp, { timeout });
  }

  /** Sends a command and waits for its reply. */
  command(...words: readonly string[]): Reply {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    writeAll(this.socket, `*${words.length}\r\n${parts.join('')}`, { timeout: this.timeout });
    const { value } = this.#replies.next();
    if (!value) throw new Error('Redis has closed the connection');
    if (value.reply instanceof RedisError) throw value.reply;
    return value.reply;
  }
}

function main(): void {
  const { target, rest } = readArguments('redis-client (--port PORT | --path PATH) COMMAND...');
  using socket = connect(target, { timeout: 1000 });
  console.log(new RedisClient(socket).command(...rest));
}

if (require.main === module) main();
