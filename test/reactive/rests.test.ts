import { describeWithFaults, LET_FAIL, preloadFaults } from '../support/faults';
import { inEnvironment, type Loop, loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { runScript } from '../support/script';

/** How long the system lacks memory in these tests. */
const LASTING = '100ms';
/** Far fewer than a loop makes in that time which does nothing else. */
const FEW = 50;

/** A connection, its peer, and another pair that echoes on the same loop. */
const BEFORE = `
  import { setTimeout as pause } from 'node:timers/promises';
  import { socketPair } from 'bipoll';
  import { EventLoop, fromSocket } from 'bipoll/reactive';
  setTimeout(() => { console.log("stuck"); process.exit(); }, ${PATIENCE / 6}).unref();
  const [socket, peer] = socketPair();
  const [echoing, asking] = socketPair();
  const echo = fromSocket(echoing);
  echo.send(echo.data$).subscribe();
  const connection = fromSocket(socket);
  const received = async (from, length) => {
    const chunks = [];
    for (let got = 0; got < length; await pause(1)) {
      const buffer = Buffer.alloc(65536);
      const read = from.read(buffer);
      if (read === null) break;
      chunks.push(buffer.subarray(0, read));
      got += read;
    }
    return Buffer.concat(chunks).toString();
  };
  const others = async () => {
    let served = 0;
    while (failures() < 2) await pause(1);
    for (const said of ['one', 'two', 'six']) {
      asking.write(Buffer.from(said));
      if ((await received(asking, 3)) === said) served++;
    }
    return served;
  };`;

function outcomeOf(script: string): { told: unknown; failures: number } {
  const { stdout, stderr, status } = runScript(`${LET_FAIL}${BEFORE}
    ${script}
    console.log(JSON.stringify({ told, failures: failures() }));
    process.exit();`);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as { told: unknown; failures: number };
}

describeWithFaults('a system that lacks memory for a while', () => {
  preloadFaults();

  describe.each(loops)('on $name', (loop: Loop) => {
    inEnvironment(loop);
    /** Where the kernel reads and sends by itself, only large sends are calls of the C library. */
    const isRing = loop.backend === 'io_uring';

    const writes = [
      { call: 'send', length: 3 },
      { call: 'send', length: 20_000 },
      { call: 'sendmsg', length: 60_000 },
    ]
      .filter(({ call, length }) => !isRing || (call === 'send' && length >= 20_000))
      .flatMap((row) => ['ENOMEM', 'ENOBUFS'].map((error) => ({ ...row, error })));
    test.each(writes)(
      '$length bytes that $call refuses with $error are sent later, without spinning',
      ({ call, error, length }) => {
        const { told, failures } = outcomeOf(`
          letFail('${call}', '${error}', { count: '${LASTING}' });
          for (let sent = 0; sent < ${length}; sent += 15_000) {
            connection.write('x'.repeat(Math.min(15_000, ${length} - sent)));
          }
          const told = (await received(peer, ${length})).length;`);
        expect(told).toBe(length);
        expect(failures).toBeGreaterThan(0);
        expect(failures).toBeLessThan(FEW);
      },
    );

    if (!isRing) {
      test('others are served while one rests', () => {
        const { told } = outcomeOf(`
          letFail('sendmsg', 'ENOBUFS', { count: '${LASTING}' });
          for (let i = 0; i < 4; i++) connection.write('x'.repeat(15_000));
          const told = [await others(), (await received(peer, 60_000)).length];`);
        expect(told).toEqual([3, 60_000]);
      });
    }

    test('what is written during a rest follows what rests', () => {
      const { told } = outcomeOf(`
        letFail('send', 'ENOBUFS', { count: 3 });
        connection.write('one');
        await pause(1);
        connection.write('two');
        const told = await received(peer, 6);`);
      expect(told).toBe('onetwo');
    });

    if (!isRing) {
      test.each(['ENOMEM', 'ENOBUFS'])(
        'bytes that recv fails to read with %s are read later, without spinning',
        (error) => {
          const { told, failures } = outcomeOf(`
            letFail('recv', '${error}', { count: '${LASTING}' });
            peer.write(Buffer.from('hello'));
            const told = await new Promise((resolve) => {
              connection.data$.subscribe((chunk) => resolve(String(chunk)));
            });`);
          expect(told).toBe('hello');
          expect(failures).toBeGreaterThan(0);
          expect(failures).toBeLessThan(FEW);
        },
      );
    } else {
      test.each(['ENOMEM', 'EAGAIN'])(
        'what a ring does not do for %s is done later, without spinning',
        (error) => {
          const { told, failures } = outcomeOf(`
            const answer = new Promise((resolve) => {
              connection.data$.subscribe((chunk) => resolve(String(chunk)));
            });
            await pause(1);
            letFail('io_uring_enter', '${error}', { count: '${LASTING}' });
            connection.write('asked');
            peer.write(Buffer.from('hello'));
            const told = [await answer, await received(peer, 5)];`);
          expect(told).toEqual(['hello', 'asked']);
          expect(failures).toBeGreaterThan(0);
          expect(failures).toBeLessThan(FEW);
        },
      );
    }

    test('an end that shutdown refuses with ENOBUFS comes later, behind all bytes', () => {
      const { told, failures } = outcomeOf(`
        letFail('shutdown', 'ENOBUFS', { count: '${LASTING}' });
        connection.write('hello');
        connection.end();
        const told = await received(peer, Infinity);`);
      expect(told).toBe('hello');
      expect(failures).toBeGreaterThan(0);
      expect(failures).toBeLessThan(FEW);
    });

    if (loop.driver === 'waiter') {
      test.each(['ENOMEM', 'EAGAIN'])(
        'a thread whose poll fails with %s does not spin',
        (error) => {
          const { told, failures } = outcomeOf(`
          letFail('poll', '${error}', { count: '${LASTING}' });
          peer.write(Buffer.from('hello'));
          const told = await new Promise((resolve) => {
            connection.data$.subscribe((chunk) => resolve(String(chunk)));
          });
          while (failures() === 0) await pause(1);`);
          expect(told).toBe('hello');
          expect(failures).toBeLessThan(FEW);
        },
      );

      test('a wake-up that cannot be written is written again, so a loop closes', () => {
        const { told, failures } = outcomeOf(`
          const loop = new EventLoop();
          letFail('write', 'EIO');
          loop.close();
          const told = 'closed';`);
        expect(told).toBe('closed');
        expect(failures).toBe(1);
      });
    }

    if (loop.driver === 'uv') {
      test('a driver that is chosen by name, and finds no memory, says so', () => {
        const { told } = outcomeOf(`
          const told = [0, 1, 2, 3, 4].map((skip) => {
            letFail('calloc', 'ENOMEM', { skip });
            try {
              new EventLoop({ driver: 'uv' }).close();
            } catch ({ code }) {
              return code;
            }
            return 'opened';
          });`);
        expect(told).toContain('ENOMEM');
        expect(told).not.toContain('ERR_INVALID_ARG_VALUE');
      });
    }
  });
});
