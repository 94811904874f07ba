import {
  connectTcp,
  listenTcp,
  SocketError,
  type TcpServer,
  type TcpStream,
  TimeoutError,
} from 'bipoll';
import { poll } from 'bipoll/sync';
import { Deadline } from '../../src/sync/Deadline';
import { race } from '../../src/sync/race';
import { PATIENCE } from '../support/patience';
import { describeWhere } from '../support/where';

const isLinux = process.platform === 'linux';

let begun: TcpStream[];
beforeEach(() => {
  begun = [];
});
afterEach(() => {
  for (const stream of begun) stream.close();
});

/** An address is a port here: those of one name have one port, and this machine few addresses. */
function begin(port: string): TcpStream {
  const stream = connectTcp({ host: '127.0.0.1', port: Number(port) });
  begun.push(stream);
  return stream;
}

function raceOf(ports: readonly number[], timeout = PATIENCE): TcpStream {
  const where = { hostname: 'name', port: 7 };
  return race(begin, ports.map(String), new Deadline(timeout, false), where);
}

function refusingPort(): number {
  const server = listenTcp({ port: 0 });
  server.close();
  return server.port;
}

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw');
}

test('the next address is tried as soon as one has failed', () => {
  using server = listenTcp({ port: 0 });
  const stream = raceOf([refusingPort(), refusingPort(), server.port]);
  expect(stream.remotePort).toBe(server.port);
  expect(begun.map(({ closed }) => closed)).toEqual([true, true, false]);
});

test('no other address is tried where the first answers', () => {
  using server = listenTcp({ port: 0 });
  raceOf([server.port, refusingPort()]);
  expect(begun).toHaveLength(1);
});

test('an address that cannot be tried at all is one that failed', () => {
  using server = listenTcp({ port: 0 });
  const beginOrFail = (port: string) => {
    if (port === '0') throw new SocketError('mine', 'EADDRNOTAVAIL', -99);
    return begin(port);
  };
  const deadline = new Deadline(PATIENCE, false);
  const stream = race(beginOrFail, ['0', String(server.port)], deadline, {});
  expect(stream.remotePort).toBe(server.port);
  expect(errorOf(() => race(beginOrFail, ['0'], deadline, {}))).toMatchObject({ message: 'mine' });
});

test('that all have failed is an error with those of all, and none stays open', () => {
  const ports = [refusingPort(), refusingPort()];
  const error = errorOf(() => raceOf(ports));
  expect(error).toBeInstanceOf(AggregateError);
  expect(error).toMatchObject({ code: 'ECONNREFUSED', errors: ports.map((port) => ({ port })) });
  expect(begun.every(({ closed }) => closed)).toBe(true);
});

describeWhere(isLinux, 'other systems refuse whom a full backlog has no room for')(
  'beside an address that does not answer',
  () => {
    let silent: TcpServer;
    let waiting: TcpStream[];
    beforeEach(() => {
      silent = listenTcp({ port: 0, backlog: 0 });
      waiting = [];
      do waiting.push(connectTcp({ host: silent.host, port: silent.port }));
      while (poll(waiting.at(-1)!, 'determined', 50));
    });
    afterEach(() => {
      for (const socket of [silent, ...waiting]) socket.close();
    });

    test('the next one is tried after 250 ms, and the first is closed when that is connected', () => {
      using server = listenTcp({ port: 0 });
      const started = performance.now();
      const stream = raceOf([silent.port, server.port]);
      expect(performance.now() - started).toBeGreaterThanOrEqual(250);
      expect(stream.remotePort).toBe(server.port);
      expect(begun.map(({ closed }) => closed)).toEqual([true, false]);
    });

    test('the first is waited for, to the deadline, when the others have failed', () => {
      const error = errorOf(() => raceOf([silent.port, refusingPort()], 1500));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(begun.map(({ closed }) => closed)).toEqual([true, true]);
    });

    test('the limit is one for all of them', () => {
      const error = errorOf(() => raceOf([silent.port, silent.port], 1500));
      expect(error).toMatchObject({
        message: 'connect ETIMEDOUT name:7: no answer came within 1500 ms',
      });
      expect(begun.map(({ closed }) => closed)).toEqual([true, true]);
      expect(errorOf(() => raceOf([silent.port], 5))).toMatchObject({ port: silent.port });
    });
  },
);
