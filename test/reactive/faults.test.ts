import { describeWithFaults, LET_FAIL, preloadFaults } from '../support/faults';
import { freshPath } from '../support/freshPath';
import { inEnvironment, type Loop, loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { runScript } from '../support/script';

/**
 * Before each script: a victim, a bystander that echoes on the same loop, and their peers. Behind it: whether the
 * bystander is still served.
 */
const BEFORE = `
  import { subscribe } from 'node:diagnostics_channel';
  import * as net from 'node:net';
  import { setTimeout as pause } from 'node:timers/promises';
  import { defer, firstValueFrom, mergeMap, retry, take, tap } from 'rxjs';
  import { socketPair } from 'bipoll';
  import { connect, fromSocket, EventLoop, listen, readiness } from 'bipoll/reactive';
  const told = [];
  setTimeout(() => { console.log(JSON.stringify({ told, failures: failures(), isStuck: true })); process.exit(); }, ${PATIENCE / 2}).unref();
  const tell = (what) => told.push(what);
  const telling = { next: (value) => tell(String(value)), error: ({ code }) => tell(code), complete: () => tell('end') };
  const toldOf = async (count) => { while (told.length < count) await pause(1); };
  const received = async (socket, length) => {
    const buffer = Buffer.alloc(length);
    for (let got = 0; got < length;) {
      const read = socket.read(buffer, { start: got });
      if (read === null) return buffer.toString('utf8', 0, got) + ' and the end';
      got += read;
      await pause(1);
    }
    return buffer.toString();
  };`;

const PAIRS = `
  const [victimSocket, victimPeer] = socketPair();
  const [bystanderSocket, bystanderPeer] = socketPair();
  const bystander = fromSocket(bystanderSocket);
  bystander.send(bystander.data$).subscribe();
  const victim = fromSocket(victimSocket);`;

const AFTER = `
  bystanderPeer.write(Buffer.from('served'));
  tell('bystander ' + await received(bystanderPeer, 6));
  console.log(JSON.stringify({ told, failures: failures() }));
  process.exit();`;

function outcomeOf(script: string): { told: unknown; failures: number } {
  const { stdout, stderr, status } = runScript(LET_FAIL + BEFORE + PAIRS + script + AFTER);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as { told: unknown; failures: number };
}

/** Of those of the same name, whatever the backend. */
const served = 'bystander served';

describeWithFaults('a system that fails', () => {
  preloadFaults();

  describe.each(loops)('on $name', (loop: Loop) => {
    inEnvironment(loop);
    const isEpoll = loop.backend === 'epoll';
    /** Where the kernel reads and sends by itself, no call of the C library fails. */
    const isRing = loop.backend === 'io_uring';

    /** What can make it impossible to watch a socket. */
    const unwatchable = [
      { call: 'calloc', error: 'ENOMEM' },
      ...(isEpoll
        ? [
            { call: 'epoll_ctl_add', error: 'ENOSPC' },
            { call: 'epoll_ctl_add', error: 'ENOMEM' },
          ]
        : []),
    ];

    describe.each(unwatchable)('with $error of $call', ({ call, error }) => {
      test('a connection that cannot be watched fails, and is closed', () => {
        const { told, failures } = outcomeOf(`
          letFail('${call}', '${error}');
          victim.data$.subscribe(telling);
          victim.data$.subscribe(telling);
          victim.closed$.subscribe((error) => tell('closed with ' + error.code));`);
        expect(told).toEqual([error, error, `closed with ${error}`, served]);
        expect(failures).toBe(1);
      });

      test('a listener that cannot be watched fails, and is bound again', () => {
        const { told } = outcomeOf(`
          letFail('${call}', '${error}', { skip: ${call === 'calloc' ? 1 : 0} });
          const subscription = listen({ port: 0 }, { onListening: () => tell('listening') })
            .pipe(retry({ delay: ({ code }) => (tell(code), [1]) }))
            .subscribe();
          await toldOf(2);
          subscription.unsubscribe();`);
        expect(told).toEqual([error, 'listening', served]);
      });

      test('an attempt to connect that cannot be watched fails, and the next one succeeds', () => {
        const { told } = outcomeOf(`
          let port;
          const onListening = (address) => (port = address.port);
          const listening = listen({ port: 0 }, { onListening }).subscribe();
          await null; // the port is known a turn later
          letFail('${call}', '${error}', { skip: ${call === 'calloc' ? 1 : 0} });
          const connecting = connect({ host: '127.0.0.1', port })
            .pipe(retry({ delay: ({ code }) => (tell(code), [1]) }))
            .subscribe(() => tell('connected'));
          await toldOf(2);
          connecting.unsubscribe();
          listening.unsubscribe();`);
        expect(told).toEqual([error, 'connected', served]);
      });

      test('readiness fails, and can be subscribed to again', () => {
        const { told } = outcomeOf(`
          victimPeer.write(Buffer.from('x'));
          EventLoop.default.readiness; // its own poller is not to fail
          letFail('${call}', '${error}');
          readiness(victimSocket, 'dataAvailable').subscribe(telling);
          tell(String(await firstValueFrom(readiness(victimSocket, 'dataAvailable'))));`);
        expect(told).toEqual([error, 'dataAvailable', served]);
      });
    });

    /** What can make it impossible to open a loop; for a listener, behind its own allocations. */
    const unopenable = [
      { call: 'calloc', error: 'ENOMEM', skip: 1 },
      ...(isEpoll ? [{ call: 'epoll_create1', error: 'EMFILE', skip: 0 }] : []),
      ...(isRing
        ? [
            { call: 'io_uring_setup', error: 'EPERM', skip: 0 },
            { call: 'io_uring_register', error: 'ENOMEM', skip: 0 },
            { call: 'io_uring_enter', error: 'ENOMEM', skip: 0 },
          ]
        : []),
    ];
    test.each(unopenable)(
      'listen and connect tell of $error when no loop can be made, and retry helps: $call',
      ({ call, error, skip }) => {
        const path = JSON.stringify(freshPath());
        const { stdout, stderr } = runScript(`${LET_FAIL}${BEFORE}
          const again = retry({ delay: ({ code }) => (tell(code), [1]) });
          letFail('${call}', '${error}', { skip: ${skip} });
          listen({ path: ${path} }, { onListening: () => tell('listening') }).pipe(again).subscribe();
          await toldOf(2);
          EventLoop.default.close();
          letFail('${call}', '${error}');
          connect({ path: ${path} }).pipe(again).subscribe({ next: () => tell('connected') });
          await toldOf(3);
          console.log(told.join());
          process.exit();`);
        expect({ stdout, stderr }).toEqual({ stdout: `${error},listening,${error}\n`, stderr: '' });
      },
    );

    /** What the wait itself fails with, on this backend, and in this driver. */
    const waits = [
      ...(isEpoll ? ['epoll_wait'] : []),
      ...(isRing ? ['io_uring_enter'] : []),
      ...(loop.driver === 'waiter' ? ['poll'] : []),
    ];
    test.each(waits)('a %s that fails for want of memory is tried again', (call) => {
      const { told, failures } = outcomeOf(`
        victim.data$.subscribe(telling);
        const ready = readiness(bystanderPeer, 'readyToWrite').pipe(take(1));
        letFail('${call}', 'ENOMEM', { count: 3 });
        victimPeer.write(Buffer.from('x'));
        await toldOf(1);
        ready.subscribe(telling);
        letFail('${call}', 'ENOMEM', { count: 3 });
        await toldOf(3);`);
      expect(told).toEqual(['x', 'readyToWrite', 'end', served]);
      expect(failures).toBe(3);
    });

    if (!isRing) {
      test.each(['ENOMEM', 'ENOBUFS'])('a read that fails with %s is tried again', (error) => {
        const { told, failures } = outcomeOf(`
          victim.data$.subscribe(telling);
          letFail('recv', '${error}', { count: 2 });
          victimPeer.write(Buffer.from('x'));
          await toldOf(1);`);
        expect(told).toEqual(['x', served]);
        expect(failures).toBe(2);
      });

      /** A small chunk, a large one that goes at once, and one in several pieces of memory. */
      const refused = [
        { call: 'send', sent: `victim.write('123')` },
        { call: 'send', sent: `victim.write('123'.padEnd(20_000, 'x'))` },
        {
          call: 'sendmsg',
          sent: `for (let i = 0; i < 5; i++) victim.write('123'.padEnd(15_000, 'x'))`,
        },
      ].flatMap((row) => ['ENOMEM', 'ENOBUFS'].map((error) => ({ ...row, error })));
      test.each(refused)(
        'what $call refuses with $error is sent later: $sent',
        ({ call, error, sent }) => {
          const { told, failures } = outcomeOf(`
          victim.closed$.subscribe(telling);
          letFail('${call}', '${error}', { count: 2 });
          ${sent};
          tell(await received(victimPeer, 3));`);
          expect(told).toEqual(['123', served]);
          expect(failures).toBe(2);
        },
      );
    }

    // The first bytes take a place in a list, then memory; over io_uring the place is not of malloc.
    test.each(isRing ? ['first'] : ['first', 'second'])(
      'what finds no memory on its way out fails its connection, and nothing follows it: the %s allocation',
      (which) => {
        const { told, failures } = outcomeOf(`
          victim.closed$.subscribe((error) => tell('closed with ' + error.code));
          letFail('malloc', 'ENOMEM', { skip: ${which === 'first' ? 0 : 1} });
          victim.write('lost');
          bystander.write('kept');
          victim.write('not to be sent without what was before it');
          await toldOf(1);
          tell(await received(victimPeer, 4));
          tell(await received(bystanderPeer, 4));`);
        expect(told).toEqual(['closed with ENOMEM', ' and the end', 'kept', served]);
        expect(failures).toBe(1);
      },
    );

    test('what was written before, and could be sent, arrives before such a failure', () => {
      const { told } = outcomeOf(`
        victim.closed$.subscribe((error) => tell('closed with ' + error.code));
        victim.write('kept');
        letFail('malloc', 'ENOMEM', { skip: ${isRing ? 1 : 2} });
        for (let i = 0; i < 100; i++) victim.write('x'.repeat(1000));
        await toldOf(1);
        tell((await received(victimPeer, 4)).slice(0, 4));`);
      expect(told).toEqual(['closed with ENOMEM', 'kept', served]);
    });

    if (isEpoll) {
      test.each(['epoll_ctl_add', 'epoll_ctl_mod'])(
        'what is sent fails if its queue cannot be watched: %s',
        (call) => {
          const { told } = outcomeOf(`
            ${call === 'epoll_ctl_mod' ? 'victim.data$.subscribe({ error: () => {} });' : ''}
            letFail('${call}', 'ENOSPC');
            victim.send([Buffer.alloc(4_000_000)]).subscribe({ error: ({ code }) => tell(code) });
            await toldOf(1);`);
          expect(told).toEqual(['ENOSPC', served]);
        },
      );

      test('a connection whose reading cannot be watched any more fails', () => {
        const { told } = outcomeOf(`
          victim.closed$.subscribe((error) => tell('closed with ' + error.code));
          letFail('epoll_ctl_mod', 'ENOMEM');
          victim.data$.subscribe(telling);`);
        expect(told).toEqual(['ENOMEM', 'closed with ENOMEM', served]);
      });

      test('a listener that rests is watched again, though that fails at first', () => {
        const { told, failures } = outcomeOf(`
          subscribe('bipoll:connection:fail', ({ error }) => {
            tell(error.code);
            letFail('epoll_ctl_add', 'ENOSPC', { count: 2 });
          });
          let port;
          const listening = listen({ port: 0 }, { onListening: (address) => (port = address.port) })
            .subscribe((accepted) => { accepted.close(); tell('accepted'); });
          await null; // the port is known a turn later
          letFail('accept4', 'EMFILE');
          net.connect(port, '127.0.0.1').on('error', () => {}).resume();
          await toldOf(2);
          listening.unsubscribe();`);
        expect(told).toEqual(['EMFILE', 'accepted', served]);
        expect(failures).toBe(2);
      });
    }

    test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])(
      'whoever cannot be accepted for %s is accepted later',
      (error) => {
        const { told } = outcomeOf(`
          subscribe('bipoll:connection:fail', ({ syscall, error }) => tell(syscall + ' ' + error.code));
          let port;
          const listening = listen({ port: 0 }, { onListening: (address) => (port = address.port) })
            .subscribe((accepted) => { accepted.close(); tell('accepted'); });
          await null; // the port is known a turn later
          letFail('accept4', '${error}', { count: 2 });
          net.connect(port, '127.0.0.1').on('error', () => {}).resume();
          await toldOf(3);
          listening.unsubscribe();`);
        expect(told).toEqual([`accept ${error}`, `accept ${error}`, 'accepted', served]);
      },
    );

    test.each(['EINVAL', 'ENOTSOCK'])(
      'a server that listens no more (%s) ends the Observable',
      (error) => {
        const { told } = outcomeOf(`
          let port;
          listen({ port: 0 }, { onListening: (address) => (port = address.port) }).subscribe(telling);
          await null; // the port is known a turn later
          letFail('accept4', '${error}');
          net.connect(port, '127.0.0.1').on('error', () => {}).resume();
          await toldOf(1);`);
        expect(told).toEqual([error, served]);
      },
    );

    test('an accepted connection that cannot be watched is told of, and others are accepted', () => {
      const call = isEpoll ? 'epoll_ctl_add' : 'calloc';
      const { told } = outcomeOf(`
        let port;
        const listening = listen({ port: 0 }, { onListening: (address) => (port = address.port) })
          .subscribe((accepted) => {
            tell('accepted');
            accepted.data$.subscribe({ error: ({ code }) => tell(code), complete: () => tell('end') });
          });
        await null; // the port is known a turn later
        const client = () => net.connect(port, '127.0.0.1').on('error', () => {}).end();
        letFail('${call}', 'ENOMEM', { skip: ${isEpoll ? 0 : 1} });
        client();
        await toldOf(2);
        client();
        await toldOf(4);
        listening.unsubscribe();`);
      expect(told).toEqual(['accepted', 'ENOMEM', 'accepted', 'end', served]);
    });

    describe('a name server that is silent', () => {
      const connecting = (options: string) => `
        connect({ host: 'somewhere.test', port: 1 }, ${options})
          .subscribe({ error: ({ code }) => console.log(code) });`;

      test('does not keep a process alive in which nobody waits for it any more', () => {
        const { stdout, status } = runScript(`${LET_FAIL}
          import { connect } from 'bipoll/reactive';
          letFail('getaddrinfo', 'EAGAIN');
          ${connecting('{ timeout: 1 }')}`);
        expect({ stdout, status }).toEqual({ stdout: 'ETIMEDOUT\n', status: 0 });
      });

      test('keeps it alive as long as somebody does', () => {
        const { stdout, status } = runScript(`${LET_FAIL}
          import { connect } from 'bipoll/reactive';
          letFail('getaddrinfo', 'EAGAIN');
          process.once('exit', () => console.log('too soon'));
          setTimeout(() => { console.log('still here'); process.kill(process.pid, 'SIGKILL'); }, 100).unref();
          ${connecting('{}')}`);
        expect({ stdout, status }).toEqual({ stdout: 'still here\n', status: null });
      });

      test('does not keep a worker from ending, nor outlives it to any harm', () => {
        const source = `
          import { connect } from 'bipoll/reactive';
          import { parentPort } from 'node:worker_threads';
          ${connecting('{}')}
          parentPort.postMessage('looking up');`;
        const { stdout, stderr, status } = runScript(`${LET_FAIL}
          import { once } from 'node:events';
          import { readdirSync } from 'node:fs';
          import { Worker } from 'node:worker_threads';
          letFail('getaddrinfo', 'EAGAIN');
          const worker = new Worker(${JSON.stringify(source)}, { eval: true });
          await once(worker, 'message');
          while (failures() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
          await worker.terminate();
          const threads = () => readdirSync('/proc/self/task').length;
          const before = threads();
          letFail('recv', 'EAGAIN', { count: 0 }); // so it ends, and its thread with it
          while (threads() === before) await new Promise((resolve) => setTimeout(resolve, 1));
          console.log('ended');`);
        expect({ stdout, stderr, status }).toEqual({ stdout: 'ended\n', stderr: '', status: 0 });
      });
    });
  });
});
