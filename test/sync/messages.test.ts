import { bindUdp, connectUdp, type Message, type SocketError } from 'bipoll';
import { deadlineIn, receiveMessage, sendMessage, TimeoutError } from 'bipoll/sync';
import {
  type AnyMessageSocket,
  MessagePair,
  messageTransports,
} from '../support/messageTransports';
import { PATIENCE } from '../support/patience';
import { isWindows, testWhere } from '../support/where';

const limit = { timeout: PATIENCE };
const receive = receiveMessage as (
  socket: AnyMessageSocket,
  options: { timeout: number; maxBytes?: number },
) => Message | null;
const send = sendMessage as (
  socket: AnyMessageSocket,
  bytes: Uint8Array | string,
  options: { timeout: number; to?: unknown },
) => void;
const failing = (code: string) => expect.objectContaining({ code }) as Error;

describe.each(messageTransports)('over $name', (transport) => {
  test('a message is sent and received, and answered', () => {
    using pair = new MessagePair(transport);
    send(pair.client, 'request', limit);
    const request = receive(pair.server, limit)!;
    expect(request.bytes.toString()).toBe('request');
    pair.answer(request, Buffer.from('reply'));
    expect(receive(pair.client, limit)!.bytes.toString()).toBe('reply');
  });

  test('an empty message is one, and a long one is cut where that is asked for', () => {
    using pair = new MessagePair(transport);
    send(pair.client, '', limit);
    send(pair.client, 'long', limit);
    expect(receive(pair.server, limit)).toMatchObject({ bytes: Buffer.alloc(0) });
    expect(receive(pair.server, { ...limit, maxBytes: 2 })).toMatchObject({
      bytes: Buffer.from('lo'),
      truncated: true,
    });
  });

  test('that no message comes in time is told, and the next call gets the one that comes then', () => {
    using pair = new MessagePair(transport);
    expect(() => receive(pair.server, { timeout: 20 })).toThrow(TimeoutError);
    expect(() => receive(pair.server, { timeout: 0 })).toThrow(
      /^receiveMessage ETIMEDOUT .*: no message came/,
    );
    send(pair.client, 'late', limit);
    expect(receive(pair.server, { timeout: 0 })!.bytes.toString()).toBe('late');
  });

  if (transport.holdsBack) {
    test('that the receiver has no room in time is told, and nothing of the message is sent', () => {
      using pair = new MessagePair(transport);
      let sent = 0;
      while (pair.client.send(Buffer.alloc(1000))) sent++;
      expect(() => {
        send(pair.client, 'too much', { timeout: 30 });
      }).toThrow(/^sendMessage ETIMEDOUT .*: the system did not take the message within 30 ms/);
      for (let i = 0; i < sent; i++) expect(receive(pair.server, limit)!.bytes).toHaveLength(1000);
      expect(() => receive(pair.server, { timeout: 0 })).toThrow(failing('ETIMEDOUT'));
      send(pair.client, 'fits', limit);
      expect(receive(pair.server, limit)!.bytes.toString()).toBe('fits');
    });
  }

  if (transport.hasEnd) {
    test('null tells that no message will come any more, behind those that came', () => {
      using pair = new MessagePair(transport);
      send(pair.client, 'last', limit);
      pair.client.close();
      expect(receive(pair.server, limit)!.bytes.toString()).toBe('last');
      expect(receive(pair.server, limit)).toBeNull();
      expect(receive(pair.server, { timeout: 0 })).toBeNull();
      expect(() => {
        send(pair.server, 'x', limit);
      }).toThrow(failing('EPIPE'));
    });
  }
});

describe('over UDP', () => {
  test('one limit holds for several verbs, and a message says for whom it is', () => {
    using left = bindUdp();
    using right = bindUdp();
    const shared = { deadline: deadlineIn(PATIENCE) };
    const to = { host: right.localAddress!, port: right.localPort! };
    sendMessage(left, 'hello', { ...shared, to });
    const { bytes, from } = receiveMessage(right, shared);
    expect(bytes.toString()).toBe('hello');
    sendMessage(right, bytes, { ...shared, to: from });
    expect(receiveMessage(left, shared).from).toEqual(to);
  });

  testWhere(!isWindows, 'Windows tells nothing of that')(
    'that nobody is there is told by the next verb',
    () => {
      using gone = bindUdp();
      const target = { host: gone.localAddress!, port: gone.localPort! };
      gone.close();
      using client = connectUdp(target);
      sendMessage(client, 'x', limit);
      const error = errorOf(() => receiveMessage(client, limit));
      expect(error).toMatchObject({
        code: 'ECONNREFUSED',
        address: target.host,
        port: target.port,
      });
    },
  );

  test('what is no socket for messages is refused, and so are strange options', () => {
    using socket = bindUdp();
    expect(() => receiveMessage({} as never, limit)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
    expect(() => receiveMessage(socket, {} as never)).toThrow(failing('ERR_INVALID_ARG_TYPE'));
    expect(() => {
      sendMessage(socket, 'x', limit);
    }).toThrow(failing('ERR_INVALID_ARG_VALUE'));
    expect(() => {
      sendMessage(socket, 5 as never, limit);
    }).toThrow(failing('ERR_INVALID_ARG_TYPE'));
  });
});

function errorOf(call: () => unknown): SocketError {
  try {
    call();
  } catch (error) {
    return error as SocketError;
  }
  throw new Error('it did not fail');
}
