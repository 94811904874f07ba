import { inspect } from 'node:util';
import { type Message, Poller } from 'bipoll';
import { poll } from 'bipoll/sync';
import { backends } from '../support/backends';
import {
  type AnyMessageSocket,
  MessagePair,
  messageTransports,
} from '../support/messageTransports';
import { PATIENCE } from '../support/patience';

const SOON = PATIENCE;

/** The next message, which must come. */
function next(socket: AnyMessageSocket): Message {
  expect(poll(socket, 'dataAvailable', SOON)).toBe('dataAvailable');
  return socket.receive()!;
}

describe.each(messageTransports)('over $name', (transport) => {
  test('a message arrives as a whole, and its sender can be answered', () => {
    using pair = new MessagePair(transport);
    expect(pair.client.send(Buffer.from('one'))).toBe(true);
    expect(pair.client.send(Buffer.from('another'))).toBe(true);
    const message = next(pair.server);
    expect(message).toMatchObject({ bytes: Buffer.from('one'), truncated: false, dropped: 0 });
    expect(next(pair.server).bytes.toString()).toBe('another');
    expect(pair.answer(message, Buffer.from('reply'))).toBe(true);
    expect(next(pair.client).bytes.toString()).toBe('reply');
  });

  test('there is null while no message has come, and an empty message is one', () => {
    using pair = new MessagePair(transport);
    expect(pair.server.dataAvailable()).toBe(false);
    expect(pair.server.receive()).toBeNull();
    pair.client.send(new Uint8Array(0));
    pair.client.send(new Uint8Array(0));
    for (let i = 0; i < 2; i++) expect(next(pair.server)).toMatchObject({ bytes: Buffer.alloc(0) });
    expect(pair.server.receive()).toBeNull();
    expect(pair.server.dataAvailable()).toBe(false);
  });

  test('a message that is longer than asked for is cut, and says so; the next one is whole', () => {
    using pair = new MessagePair(transport);
    pair.client.send(Buffer.from('0123456789'));
    pair.client.send(Buffer.from('next'));
    poll(pair.server, 'dataAvailable', SOON);
    expect(pair.server.receive({ maxBytes: 4 })).toMatchObject({
      bytes: Buffer.from('0123'),
      truncated: true,
    });
    expect(next(pair.server)).toMatchObject({ bytes: Buffer.from('next'), truncated: false });
  });

  test('a message of 60,000 bytes is whole', () => {
    using pair = new MessagePair(transport);
    const bytes = Buffer.alloc(60_000, 'pattern');
    expect(poll(pair.client, 'readyToWrite', SOON)).toBe('readyToWrite');
    expect(pair.client.send(bytes)).toBe(true);
    expect(next(pair.server).bytes.equals(bytes)).toBe(true);
  });

  test('one that is too long fails, and the socket is as good as before', () => {
    using pair = new MessagePair(transport);
    const tooLong = Buffer.alloc(16 * 1024 * 1024);
    expect(() => pair.client.send(tooLong)).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
    expect(pair.client.send(Buffer.from('fits'))).toBe(true);
    expect(next(pair.server).bytes.toString()).toBe('fits');
  });

  test('a sender that goes on without a receiver is told to wait, or its messages are dropped', () => {
    using pair = new MessagePair(transport);
    let sent = 0;
    while (sent < 20_000 && pair.client.send(Buffer.alloc(1000))) sent++;
    expect(sent < 20_000).toBe(transport.holdsBack);
    expect(pair.client.readyToWrite()).toBe(!transport.holdsBack);
    let received = 0;
    while (pair.server.receive()) received++;
    expect(received === sent).toBe(transport.holdsBack);
    expect(poll(pair.client, 'readyToWrite', SOON)).toBe('readyToWrite');
  });

  test('many messages go out in one call, and come in one, in order', () => {
    using pair = new MessagePair(transport);
    const texts = Array.from({ length: 8 }, (_, i) => 'x'.repeat(i));
    const messages = texts.map((text) => ({ bytes: Buffer.from(text) }));
    expect(pair.server.receiveMany()).toEqual([]);
    expect(pair.client.sendMany(messages)).toBe(8);
    expect(poll(pair.server, 'dataAvailable', SOON)).toBe('dataAvailable');
    const received = pair.server.receiveMany() as Message[];
    expect(received.map(({ bytes }) => bytes.toString())).toEqual(texts);
    expect(received[7]).toMatchObject({ truncated: false, dropped: 0 });
    expect(pair.answer(received[7]!, Buffer.from('reply'))).toBe(true);
    expect(next(pair.client).bytes.toString()).toBe('reply');
    expect(pair.client.sendMany([])).toBe(0);
  });

  test('more messages than one call takes are sent by several, and each is whole', () => {
    using pair = new MessagePair(transport);
    const texts = Array.from({ length: 150 }, (_, i) => `${i}`);
    const received: string[] = [];
    let rest = texts;
    while (received.length < texts.length) {
      const sent = pair.client.sendMany(rest.map((text) => ({ bytes: Buffer.from(text) })));
      rest = rest.slice(sent);
      poll(pair.server, 'dataAvailable', SOON);
      const messages = pair.server.receiveMany() as Message[];
      expect(messages.length).toBeGreaterThan(0);
      expect(messages.length).toBeLessThanOrEqual(64);
      received.push(...messages.map(({ bytes }) => bytes.toString()));
    }
    expect(received).toEqual(texts);
  });

  test('of many that are longer than asked for each is cut, and says so', () => {
    using pair = new MessagePair(transport);
    pair.client.sendMany(['0123', '01234567', '89'].map((text) => ({ bytes: Buffer.from(text) })));
    poll(pair.server, 'dataAvailable', SOON);
    expect(pair.server.receiveMany({ maxBytes: 4 })).toMatchObject([
      { bytes: Buffer.from('0123'), truncated: false },
      { bytes: Buffer.from('0123'), truncated: true },
      { bytes: Buffer.from('89'), truncated: false },
    ]);
  });

  test('those before a message that fails are sent, and the next call throws its error', () => {
    using pair = new MessagePair(transport);
    const tooLong = { bytes: Buffer.alloc(16 * 1024 * 1024) };
    const messages = [{ bytes: Buffer.from('first') }, tooLong, { bytes: Buffer.from('last') }];
    expect(pair.client.sendMany(messages)).toBe(1);
    expect(() => pair.client.sendMany(messages.slice(1))).toThrow(
      expect.objectContaining({ code: 'EMSGSIZE' }),
    );
    expect(pair.client.sendMany(messages.slice(2))).toBe(1);
    expect(next(pair.server).bytes.toString()).toBe('first');
    expect(next(pair.server).bytes.toString()).toBe('last');
  });

  test('large messages among small ones keep their place', () => {
    using pair = new MessagePair(transport);
    const large = Buffer.alloc(60_000, 'large');
    const messages = [Buffer.from('one'), large, Buffer.from('two')].map((bytes) => ({ bytes }));
    const received: Buffer[] = [];
    for (let sent = 0; received.length < 3;) {
      sent += pair.client.sendMany(messages.slice(sent));
      poll(pair.server, 'dataAvailable', SOON);
      received.push(...(pair.server.receiveMany() as Message[]).map(({ bytes }) => bytes));
    }
    expect(received.map(({ length }) => length)).toEqual([3, 60_000, 3]);
    expect(received[1]!.equals(large)).toBe(true);
  });

  test('a wrong message is refused before any is sent', () => {
    using pair = new MessagePair(transport);
    const right = { bytes: Buffer.from('x') };
    const wrong: unknown[] = [null, 'x', {}, { bytes: 'x' }, { ...right, to: 5 }];
    for (const each of wrong) {
      expect(() => pair.client.sendMany([right, each] as never)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_INVALID_ARG_/) as string }),
      );
    }
    expect(() => pair.client.sendMany(right as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(pair.server.receive()).toBeNull();
  });

  test('an error names the message', () => {
    using pair = new MessagePair(transport);
    const messages = [{ bytes: Buffer.from('a') }, { bytes: 'b' as never }];
    expect(() => pair.client.sendMany(messages)).toThrow('"messages[1].bytes"');
    expect(() => pair.client.sendMany([null as never])).toThrow('"messages[0]"');
  });

  test('one whose memory was given away is empty, and those beside it go as they are', () => {
    using pair = new MessagePair(transport);
    const gone = new Uint8Array(4);
    structuredClone(gone, { transfer: [gone.buffer] });
    const messages = [Buffer.from('before'), gone, Buffer.from('behind')].map((bytes) => ({
      bytes,
    }));
    expect(pair.client.sendMany(messages)).toBe(3);
    expect([1, 2, 3].map(() => next(pair.server).bytes.toString())).toEqual([
      'before',
      '',
      'behind',
    ]);
  });

  describe.each(backends)('in a %s poller', (backend) => {
    test('a socket is reported while a message is there, and not afterwards', () => {
      using poller = new Poller({ backend });
      using pair = new MessagePair(transport);
      poller.monitor(pair.server, 'dataAvailable');
      expect(poller.wait(0)).toEqual([]);
      pair.client.send(new Uint8Array(0));
      for (let i = 0; i < 2; i++) {
        expect(poller.wait(SOON)).toEqual([{ socket: pair.server, events: ['dataAvailable'] }]);
      }
      expect(pair.server.receive()).not.toBeNull();
      expect(poller.wait(0)).toEqual([]);
      poller.monitor(pair.server, 'readyToWrite');
      expect(poller.wait(SOON)).toEqual([{ socket: pair.server, events: ['readyToWrite'] }]);
    });
  });

  test('what is printed of a socket tells what it is', () => {
    using pair = new MessagePair(transport);
    const name = pair.client.constructor.name;
    expect(inspect(pair.client)).toMatch(new RegExp(`^${name} {\\s+state: 'connected',`));
    pair.client.close();
    expect(inspect(pair.client)).toContain("state: 'closed'");
    expect(() => pair.client.receive()).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }),
    );
  });
});
