import { closeSync, openSync } from 'node:fs';
import {
  connectTcp,
  listenTcp,
  type LocalStream,
  Poller,
  socketPair,
  SocketClosedError,
  type Socket,
  wake,
} from 'bipoll';
import { accept, poll, readUntil } from 'bipoll/sync';
import { backends, tellsEndBehindBytes } from '../support/backends';
import { PATIENCE } from '../support/patience';
import { Connected, transports } from '../support/transports';
import { isWindows, testWhere } from '../support/where';

const SOON = PATIENCE;

/** Pairs of connected streams that are closed after the test. */
const opened: Socket[] = [];
function pair(): [LocalStream, LocalStream] {
  const ends = socketPair();
  opened.push(...ends);
  return ends;
}
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

test.each([
  [
    'unmonitored',
    (poller: Poller, socket: Socket) => {
      poller.unmonitor(socket);
    },
  ],
  [
    'closed',
    (poller: Poller) => {
      poller.close();
    },
  ],
])('a socket forgets a poller in which it is %s', (_, end) => {
  const [socket] = pair();
  const poller = new Poller();
  const joins = jest.spyOn(socket, 'joins');
  const leaves = jest.spyOn(socket, 'leaves');
  poller.monitor(socket, 'dataAvailable');
  end(poller, socket);
  expect(joins).toHaveBeenCalledTimes(1);
  expect(leaves.mock.calls).toEqual(joins.mock.calls);
  poller.close();
});

function processorMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe.each(backends)('a %s poller', (backend) => {
  test('says which backend it is, and so does the environment choose it', () => {
    using poller = new Poller({ backend });
    expect(poller.backend).toBe(backend);
    process.env['BIPOLL_BACKEND'] = backend;
    using chosen = new Poller();
    delete process.env['BIPOLL_BACKEND'];
    expect(chosen.backend).toBe(backend);
  });

  describe.each(transports)('over $name', (transport) => {
    test('follows a connection from the server to its end', () => {
      using poller = new Poller({ backend });
      using server = transport.listen();
      poller.monitor(server, 'connectionAvailable');
      expect(poller.wait(0)).toEqual([]);
      using client = transport.connectTo(server);
      expect(poller.wait(SOON)).toEqual([{ socket: server, events: ['connectionAvailable'] }]);
      using remote = server.accept();
      poll(client, 'connectionSucceeded', SOON);
      for (const socket of [client, remote]) {
        poller.monitor(socket, ['connectionSucceeded', 'dataAvailable', 'readyToWrite']);
      }
      const ready = ['connectionSucceeded', 'readyToWrite'];
      const found = poller.wait(SOON);
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({ socket: client, events: ready });
      expect(found).toContainEqual({ socket: remote, events: ready });

      poller.setMonitoredEvents(client, 'dataAvailable');
      poller.setMonitoredEvents(remote, ['dataAvailable']);
      expect(poller.monitoredEvents(client)).toEqual(['dataAvailable']);
      client.write(Buffer.from([0, 1, 2, 3, 4]));
      expect(poller.wait(SOON)).toEqual([{ socket: remote, events: ['dataAvailable'] }]);
      expect(poller.wait(0)).toHaveLength(1); // level-triggered: until it is read
      expect(remote.read(Buffer.alloc(10))).toBe(5);
      expect(poller.wait(0)).toEqual([]);

      poller.setMonitoredEvents(client, ['connectionSucceeded', 'remoteDisconnected']);
      expect(poller.wait(0)).toEqual([{ socket: client, events: ['connectionSucceeded'] }]);
      remote.close();
      poll(client, 'remoteDisconnected', SOON);
      expect(poller.wait(SOON)).toEqual([{ socket: client, events: ['remoteDisconnected'] }]);
    });

    const whereItIsTold = testWhere(
      tellsEndBehindBytes(backend),
      'here the end is told when the bytes before it were read',
    );
    whereItIsTold('reports data that came before the end, and the end apart from it', () => {
      using ends = new Connected(transport);
      using poller = new Poller({ backend });
      poller.monitor(ends.client, ['dataAvailable', 'remoteDisconnected']);
      ends.remote.write(Buffer.from('last'));
      ends.remote.close();
      poll(ends.client, 'remoteDisconnected', SOON);
      expect(poller.wait(SOON)[0]?.events).toEqual(['dataAvailable', 'remoteDisconnected']);
      ends.client.read(Buffer.alloc(10));
      expect(poller.wait(SOON)[0]?.events).toEqual(['remoteDisconnected']);
    });

    test('sleeps, and does not spin, on a connection that has ended', () => {
      using ends = new Connected(transport);
      using poller = new Poller({ backend });
      poller.monitor(ends.client, ['dataAvailable', 'connectionFailed']);
      ends.remote.close();
      poll(ends.client, 'remoteDisconnected', SOON);
      const started = performance.now();
      let waits = 0;
      const used = processorMilliseconds(() => {
        // More than once if signals come meanwhile, such as that a child of another test has ended.
        for (let left = 300; left > 0; left = started + 300 - performance.now(), waits++) {
          expect(poller.wait(left)).toEqual([]);
        }
      });
      expect(waits).toBeLessThan(10);
      expect(used).toBeLessThan(150);
    });
  });

  test('reports a connection to nobody as determined and failed', () => {
    using poller = new Poller({ backend });
    const server = listenTcp({ port: 0 });
    server.close();
    using client = connectTcp({ host: server.host, port: server.port });
    poller.monitor(client, ['determined', 'connectionSucceeded', 'connectionFailed']);
    expect(poller.wait(SOON)).toEqual([
      { socket: client, events: ['determined', 'connectionFailed'] },
    ]);
  });

  test('reports what was determined before it was monitored, also while no byte can be written', () => {
    using poller = new Poller({ backend });
    const [left] = pair();
    while (left.write(Buffer.alloc(65_536)) > 0);
    poller.monitor(left, ['determined', 'readyToWrite']);
    expect(poller.wait(0)).toEqual([{ socket: left, events: ['determined'] }]);
  });

  test('sets, changes and reads back what is monitored', () => {
    using poller = new Poller({ backend });
    const [left, right] = pair();
    expect(poller.monitoredEvents(left)).toEqual([]);
    poller.monitor(left, 'readyToWrite');
    poller.monitor(left, ['dataAvailable']);
    poller.monitor(right, []);
    expect(poller.monitoredEvents(left)).toEqual(['dataAvailable', 'readyToWrite']);
    expect(poller.monitoredEvents(right)).toEqual([]);
    expect(poller.monitoredSockets).toEqual([left, right]);
    poller.setMonitoredEvents(left, []);
    expect(poller.wait(0)).toEqual([]);
    poller.unmonitor(left);
    poller.unmonitor(left);
    expect(poller.monitoredSockets).toEqual([right]);
    expect(() => {
      poller.setMonitoredEvents(left, []);
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  });

  test('reports neither a socket that was taken out nor one that is closed', () => {
    using poller = new Poller({ backend });
    const [left, right] = pair();
    const [otherLeft, otherRight] = pair();
    for (const socket of [right, otherRight]) poller.monitor(socket, 'dataAvailable');
    left.write(Buffer.from('x'));
    otherLeft.write(Buffer.from('x'));
    poller.unmonitor(right);
    otherRight.close();
    expect(poller.wait(0)).toEqual([]);
    expect(poller.monitoredSockets).toEqual([]);
    expect(poller.monitoredEvents(otherRight)).toEqual([]);
  });

  const withPassing = testWhere(!isWindows, 'pipes pass no descriptors');
  withPassing('takes a closed socket out even if another has its descriptor open', () => {
    using poller = new Poller({ backend });
    const [left, right] = pair();
    const [carrier, other] = pair();
    carrier.sendDescriptors(Buffer.from('x'), [right]); // as dup(2) would
    poller.monitor(right, 'dataAvailable');
    right.close();
    left.write(Buffer.from('x'));
    expect(poller.wait(0)).toEqual([]);
    other.close();
  });

  test('does not take a reused descriptor for the closed one', () => {
    using poller = new Poller({ backend });
    const [left, right] = pair();
    poller.monitor(right, 'dataAvailable');
    left.write(Buffer.from('x'));
    const { fd } = right;
    right.close();
    let [newLeft, newRight] = pair();
    // Another thread may have taken it for a moment.
    while (newLeft.fd !== fd && newRight.fd !== fd) [newLeft, newRight] = pair();
    poller.monitor(newLeft, 'dataAvailable');
    poller.monitor(newRight, 'dataAvailable');
    expect(poller.wait(0)).toEqual([]);
    newLeft.write(Buffer.from('y'));
    expect(poller.wait(SOON)).toEqual([{ socket: newRight, events: ['dataAvailable'] }]);
  });

  test('survives 400 sockets closed, and their descriptors reused, while a batch is handled', () => {
    using poller = new Poller({ backend });
    const pairs = Array.from({ length: 200 }, pair);
    for (const ends of pairs) {
      for (const end of ends) poller.monitor(end, ['dataAvailable', 'readyToWrite']);
      ends[0].write(Buffer.from('x'));
    }
    const batch = poller.wait(SOON);
    expect(batch.length).toBeGreaterThan(200);
    for (const { socket } of batch.slice(0, 1)) {
      socket.close();
      for (const ends of pairs) for (const end of ends) end.close();
    }
    const successors = Array.from({ length: 200 }, pair);
    for (const [left] of successors) poller.monitor(left, 'dataAvailable');
    expect(poller.wait(0)).toEqual([]);
    expect(poller.monitoredSockets).toHaveLength(200);
  });

  test('reports all of many in fair turns', () => {
    using poller = new Poller({ backend });
    const all = new Set<Socket>();
    for (let i = 0; i < 1500; i++) {
      const [left] = pair();
      poller.monitor(left, 'readyToWrite');
      all.add(left);
    }
    const seen = new Set<Socket>();
    for (let turn = 0; turn < 12; turn++) {
      for (const { socket } of poller.wait(0)) seen.add(socket);
    }
    expect(seen.size).toBe(all.size);
  });

  test('reports bytes that a verb has taken in and not handed out', () => {
    using poller = new Poller({ backend });
    const [left, right] = pair();
    poller.monitor(right, 'dataAvailable');
    left.write(Buffer.from('one\ntwo\n'));
    expect(readUntil(right, '\n', { timeout: SOON }).toString()).toBe('one\n');
    expect(right.dataAvailable()).toBe(true);
    expect(poller.wait(0)).toEqual([{ socket: right, events: ['dataAvailable'] }]);
    const buffer = Buffer.alloc(10);
    expect(right.read(buffer, { peek: true })).toBe(4);
    expect(right.read(buffer, { end: 3 })).toBe(3);
    expect(poller.wait(0)).toHaveLength(1);
    expect(right.read(buffer)).toBe(1);
    expect(poller.wait(0)).toEqual([]);
    expect(right.read(buffer)).toBe(0);
  });

  test('a socket can be in two pollers', () => {
    using first = new Poller({ backend });
    using second = new Poller({ backend });
    const [left] = pair();
    for (const poller of [first, second]) poller.monitor(left, 'readyToWrite');
    first.unmonitor(left);
    expect(first.wait(0)).toEqual([]);
    expect(second.wait(0)).toHaveLength(1);
    left.close();
    expect(second.wait(0)).toEqual([]);
  });

  test('ends a wait that was woken before it began, once', () => {
    using poller = new Poller({ backend });
    poller.wake();
    expect(wake(poller.waker)).toBe(true);
    expect(poller.wait(Infinity)).toEqual([]);
    const started = performance.now();
    expect(poller.wait(20)).toEqual([]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(19);
  });

  test('a waker of a poller that is gone wakes nobody', () => {
    const poller = new Poller({ backend });
    const { waker } = poller;
    poller.close();
    expect(wake(waker)).toBe(false);
    expect(wake(structuredClone(waker))).toBe(false);
  });

  test('rounds a timeout below a millisecond up, and reaches it', () => {
    using poller = new Poller({ backend });
    const used = processorMilliseconds(() => {
      const started = performance.now();
      for (let i = 0; i < 50; i++) {
        expect(poller.wait(0.4)).toEqual([]);
      }
      expect(performance.now() - started).toBeGreaterThanOrEqual(50 * 0.4);
    });
    expect(used).toBeLessThan(200);
  });

  test('closing it leaves the sockets open, and it refuses all but another close', () => {
    const poller = new Poller({ backend });
    const [left] = pair();
    poller.monitor(left, 'readyToWrite');
    poller.close();
    poller.close();
    expect(poller.closed).toBe(true);
    expect(left.readyToWrite()).toBe(true);
    expect(poller.monitoredSockets).toEqual([]);
    for (const call of [
      () => poller.wait(0),
      () => {
        poller.monitor(left, 'readyToWrite');
      },
      () => {
        poller.setMonitoredEvents(left, 'readyToWrite');
      },
      () => {
        poller.unmonitor(left);
      },
      () => {
        poller.wake();
      },
    ]) {
      expect(call).toThrow(SocketClosedError);
    }
  });

  test('refuses what it cannot monitor', () => {
    using poller = new Poller({ backend });
    const [left] = pair();
    const monitor = poller.monitor.bind(poller) as (...args: unknown[]) => void;
    for (const [args, code] of [
      [[{}, 'dataAvailable'], 'ERR_INVALID_ARG_TYPE'],
      [[null, 'dataAvailable'], 'ERR_INVALID_ARG_TYPE'],
      [[left, 'connectionAvailable'], 'ERR_INVALID_ARG_VALUE'],
      [[left, 'readable'], 'ERR_INVALID_ARG_VALUE'],
      [[left, ['dataAvailable', 'nonsense']], 'ERR_INVALID_ARG_VALUE'],
      [[left, undefined], 'ERR_INVALID_ARG_TYPE'],
      [[left, 4], 'ERR_INVALID_ARG_TYPE'],
    ] as const) {
      expect(() => {
        monitor(...args);
      }).toThrow(expect.objectContaining({ code }));
    }
    for (const timeout of [-1, NaN]) {
      expect(() => poller.wait(timeout)).toThrow(
        expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
      );
    }
    expect(() => poller.wait('1' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    left.close();
    expect(() => {
      monitor(left, 'dataAvailable');
    }).toThrow(SocketClosedError);
    expect(poller.monitoredSockets).toEqual([]);
  });

  const withLimit = testWhere(!isWindows, 'handles have no limit to run into');
  withLimit('rests a server for which there is no descriptor, instead of spinning on it', () => {
    using server = listenTcp({ port: 0 });
    using client = connectTcp({ host: server.host, port: server.port });
    poll(server, 'connectionAvailable', SOON);
    using poller = new Poller({ backend });
    poller.monitor(server, 'connectionAvailable');
    const fillers: number[] = [];
    try {
      for (;;) fillers.push(openSync('/dev/null', 'r'));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EMFILE' });
    }
    try {
      const started = performance.now();
      for (let tries = 0; tries < 5; tries++) {
        expect(poller.wait(SOON)).toHaveLength(1);
        expect(() => server.accept()).toThrow(expect.objectContaining({ code: 'EMFILE' }));
      }
      // 50 ms from one try to the next.
      expect(performance.now() - started).toBeGreaterThanOrEqual(199);
    } finally {
      fillers.forEach(closeSync);
    }
    poll(client, 'connectionSucceeded', SOON);
    expect(poller.wait(SOON)).toHaveLength(1);
    accept(server, { timeout: SOON }).close();
  });
});

test('an unknown backend is an error that lists those there are', () => {
  expect(() => new Poller({ backend: 'select' as never })).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining(backends.join(', ')),
    }),
  );
  process.env['BIPOLL_BACKEND'] = 'select';
  expect(() => new Poller()).toThrow(/must be one of/);
  delete process.env['BIPOLL_BACKEND'];
});

test('a waker that is none is refused', () => {
  for (const waker of [null, undefined, {}, { waker: 'x' }, 7]) {
    expect(() => wake(waker as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  }
});
