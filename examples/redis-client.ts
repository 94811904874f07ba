// A blocking client for Redis in a page: RESP, the protocol of Redis, as a decoder of its own.
//
//   npx tsx examples/redis-client.ts --port 6379 SET greeting hello
import type { StreamSocket } from 'bipoll';
import { type Decoded, type Decoder, FramingError } from 'bipoll/framing';
import { connect, frames, writeAll } from 'bipoll/sync';
import { readArguments } from './arguments';

export type Reply = string | number | null | RedisError | Reply[];

/** What Redis answers to a command it does not accept. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** A reply that is no array; or the head of an array, whose items are the tokens behind it. */
export type Token = { reply: Exclude<Reply, Reply[]> } | { arrayLength: number };

/**
 * The tokens of RESP2. Not whole replies: those would be decoded from their start again, whenever
 * more of a long array has arrived.
 */
export const resp: Decoder<Token> = {
  maxEncodedBytes: 512 * 1024 * 1024, // the longest string that Redis keeps
  decode(bytes) {
    const lineEnd = bytes.indexOf('\r\n');
    if (lineEnd < 0) return null;
    const type = String.fromCharCode(bytes[0]!);
    const line = bytes.toString('utf8', 1, lineEnd);
    const length = lineEnd + 2;
    switch (type) {
      case '+':
        return { frame: { reply: line }, length };
      case '-':
        return { frame: { reply: new RedisError(line) }, length };
      case ':':
        return { frame: { reply: integer(line) }, length };
      case '$':
        return decodeBulk(bytes, length, integer(line));
      case '*':
        return {
          frame: integer(line) < 0 ? { reply: null } : { arrayLength: integer(line) },
          length,
        };
      default:
        throw new FramingError('ERR_FRAME_MALFORMED', `A reply cannot begin with ${type}`);
    }
  },
  decodeEnd(bytes) {
    throw new FramingError('ERR_FRAME_TRUNCATED', `The stream ended after ${bytes.length} bytes`);
  },
};

function decodeBulk(bytes: Buffer, start: number, size: number): Decoded<Token> | null {
  if (size < 0) return { frame: { reply: null }, length: start };
  const end = start + size;
  if (bytes.length < end + 2) return null;
  return { frame: { reply: bytes.toString('utf8', start, end) }, length: end + 2 };
}

function integer(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new FramingError('ERR_FRAME_MALFORMED', `${text} is no integer`);
}

export class RedisClient {
  readonly #tokens: IterableIterator<Token>;
  /** Arrays of which items are missing, the outermost first. After a timeout the reply goes on from here. */
  readonly #open: { items: Reply[]; length: number }[] = [];
  /** How many commands have no reply yet: one, and those that timed out. */
  #unanswered = 0;

  constructor(
    readonly socket: StreamSocket,
    /** Milliseconds that Redis may take to read a command, and for each token of a reply. */
    readonly timeout = 1000,
  ) {
    this.#tokens = frames(socket, resp, { timeout });
  }

  /** Sends a command and waits for its reply. Strings are UTF-8. */
  command(...words: readonly string[]): Reply {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    try {
      writeAll(this.socket, `*${words.length}\r\n${parts.join('')}`, { timeout: this.timeout });
    } catch (error) {
      this.socket.close(); // half a command cannot be taken back
      throw error;
    }
    this.#unanswered++;
    // Replies come in the order of the commands, so the late ones come first. Nobody waits for them now.
    for (;;) {
      const reply = this.#receive();
      if (--this.#unanswered > 0) continue;
      if (reply instanceof RedisError) throw reply;
      return reply;
    }
  }

  #receive(): Reply {
    for (const token of this.#tokens) {
      if ('arrayLength' in token && token.arrayLength > 0) {
        this.#open.push({ items: [], length: token.arrayLength });
        continue;
      }
      const whole = this.#complete('reply' in token ? token.reply : []);
      if (whole !== undefined) return whole;
    }
    throw new Error('Redis has closed the connection');
  }

  /** Puts an item in its array, and that in its own once it is full. @returns the whole reply if it is one */
  #complete(item: Reply): Reply | undefined {
    for (let array; (array = this.#open.at(-1)); item = array.items) {
      array.items.push(item);
      if (array.items.length < array.length) return undefined;
      this.#open.pop();
    }
    return item;
  }
}

function main(): void {
  const { target, rest } = readArguments('redis-client (--port PORT | --path PATH) COMMAND...');
  using socket = connect(target, { timeout: 1000 });
  console.log(new RedisClient(socket).command(...rest));
}

if (require.main === module) main();
