import { listenTcp, Poller, socketPair, type StreamSocket, type TcpServer } from 'bipoll';
import { fromSocket, type EventLoop } from 'bipoll/reactive';
import { accept, poll, pollAll, readExactly, readSome, readUntil } from 'bipoll/sync';
import { inEnvironment, loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { runCutShort, runScript } from '../support/script';

const timeout = PATIENCE;

/** In each of these a connection has written, and the turn of the event loop in which it would be sent never comes. */
const ends = [
  { end: 'process.exit()', script: 'process.exit(3);', status: 3 },
  { end: 'an uncaught error', script: `throw new Error('a mistake');`, status: 1 },
  { end: 'a promise that nobody handles', script: `void Promise.reject(new Error()); `, status: 1 },
];

describe.each(loops)('what was written last on $name', (loop) => {
  inEnvironment(loop);

  let server: TcpServer;
  beforeEach(() => {
    server = listenTcp({ port: 0 });
  });
  afterEach(() => {
    server.close();
  });

  function received(): string {
    using peer = accept(server, { timeout });
    const chunks: Buffer[] = [];
    for (let chunk; (chunk = readSome(peer, { timeout }));) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** A script that connects, and goes on once it has. */
  const connected = (script: string) => `
    import { connect } from 'bipoll/reactive';
    connect({ host: '127.0.0.1', port: ${server.port} }).subscribe((connection) => {
      queueMicrotask(() => { ${script} });
    });`;

  test.each(ends)('goes out before $end', ({ script, status }) => {
    const outcome = runCutShort(connected(`connection.write('last words'); ${script}`));
    expect(outcome.status).toBe(status);
    expect(received()).toBe('last words');
  });

  test('goes out, and the end behind it, before process.exit()', () => {
    runCutShort(connected(`connection.write('last words'); connection.end(); process.exit();`));
    expect(received()).toBe('last words');
  });

  test('goes out though it was written as the process exits', () => {
    const { status } = runCutShort(
      connected(`
        connection.write('last ');
        process.once('exit', () => connection.write('words'));
        process.exit(3);`),
    );
    expect(status).toBe(3);
    expect(received()).toBe('last words');
  });

  describe('in a worker', () => {
    const inWorker = (script: string) => `
      import { Worker } from 'node:worker_threads';
      new Worker(${JSON.stringify(script)}, { eval: true })
        .on('error', ({ message }) => console.log(message))
        .on('exit', (code) => console.log('ended with', code));`;

    test.each(ends)('goes out before $end', ({ script, status }) => {
      const { stdout, stderr } = runScript(
        inWorker(connected(`connection.write('last words'); ${script}`)),
      );
      expect(stdout).toMatch(new RegExp(`ended with ${status}\n$`));
      expect(stderr).toBe('');
      expect(received()).toBe('last words');
    });

    test('goes out before it ends by itself', () => {
      const { stdout } = runScript(
        inWorker(connected(`connection.write('last words'); connection.socket.unref();`)),
      );
      expect(stdout).toBe('ended with 0\n');
      expect(received()).toBe('last words');
    });
  });
});

/** The verbs that block for the answer to what an Observable has written. */
const verbs: readonly { verb: string; wait: (peer: StreamSocket) => unknown }[] = [
  { verb: 'readSome', wait: (peer) => readSome(peer, { timeout })?.toString() },
  { verb: 'readExactly', wait: (peer) => readExactly(peer, 9, { timeout }).toString() },
  { verb: 'readUntil', wait: (peer) => readUntil(peer, 'n\n', { timeout }).toString() },
  {
    verb: 'poll',
    wait: (peer) => poll(peer, 'dataAvailable', timeout) && readSome(peer, { timeout })?.toString(),
  },
  {
    verb: 'pollAll',
    wait: (peer) => {
      const [events] = pollAll([[peer, 'dataAvailable']], timeout);
      return events && readSome(peer, { timeout })?.toString();
    },
  },
  {
    verb: 'Poller.wait',
    wait: (peer) => {
      using poller = new Poller();
      poller.monitor(peer, 'dataAvailable');
      return poller.wait(timeout).length && readSome(peer, { timeout })?.toString();
    },
  },
];

describe.each(loops)('what was written before the thread blocks on $name', ({ open }) => {
  let loop: EventLoop;
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    loop.close();
  });

  test.each(verbs)('goes out before $verb waits for it', ({ wait }) => {
    const [socket, peer] = socketPair();
    fromSocket(socket, { loop }).write('question\n');
    expect(wait(peer)).toBe('question\n');
    socket.close();
    peer.close();
  });
});
