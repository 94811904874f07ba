import { describeWithFaults, LET_FAIL, preloadFaults } from '../support/faults';
import { runScript } from '../support/script';

function outcomeOf(script: string): unknown {
  const { stdout, stderr, status } = runScript(`${LET_FAIL}
    import { listenTcp, socketPair } from 'bipoll';
    import { poll, readExactly, writeAll } from 'bipoll/sync';
    const codeOf = (call) => {
      try {
        return call();
      } catch ({ code, syscall }) {
        return syscall + ' ' + code;
      }
    };
    ${script}
    console.log(JSON.stringify(told));`);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout);
}

describeWithFaults('a system that fails', () => {
  preloadFaults();

  test('a server whose port cannot be found out is an error, and listens no more', () => {
    const told = outcomeOf(`
      const { readdirSync } = await import('node:fs');
      const before = readdirSync('/proc/self/fd').length;
      letFail('getsockname', 'ENOBUFS');
      const told = [
        codeOf(() => listenTcp({ port: 0 }).port),
        readdirSync('/proc/self/fd').length - before,
        codeOf(() => listenTcp({ port: 0 }).port > 0),
      ];`);
    expect(told).toEqual(['getsockname ENOBUFS', 0, true]);
  });

  test.each([
    { call: 'getsockname', error: 'ENOBUFS' },
    { call: 'getsockopt', error: 'ENOBUFS' },
    { call: 'getsockopt', error: 'ENOPROTOOPT' },
  ])('a socket that was passed is an error if $error of $call hides its kind', (row) => {
    const told = outcomeOf(`
      const [sender, receiver] = socketPair();
      sender.sendDescriptors(Buffer.from('x'), [socketPair()[0]]);
      letFail('${row.call}', '${row.error}');
      const told = codeOf(() => receiver.receiveDescriptors(Buffer.alloc(1)).sockets.length);`);
    expect(told).toBe(`recvmsg ${row.error}`);
  });

  test.each(['ENOBUFS', 'ENOMEM'])(
    'a verb that is refused with %s for a while rests between its tries',
    (error) => {
      const [read, failures] = outcomeOf(`
        const [writer, reader] = socketPair();
        letFail('send', '${error}', { count: '60ms' });
        writeAll(writer, Buffer.from('hello'), { timeout: 5000 });
        const told = [String(readExactly(reader, 5, { timeout: 5000 })), failures()];`) as [
        string,
        number,
      ];
      expect(read).toBe('hello');
      expect(failures).toBeGreaterThan(0);
      expect(failures).toBeLessThan(50);
    },
  );

  test.each(['ENOMEM', 'EAGAIN'])(
    'a verb whose poll fails with %s for a while waits on',
    (error) => {
      const [isReady, failures] = outcomeOf(`
      const [writer, reader] = socketPair();
      letFail('poll', '${error}', { count: '60ms' });
      const isReady = poll(reader, 'dataAvailable', 80);
      writer.write(Buffer.from('hello'));
      const told = [isReady + ' ' + poll(reader, 'dataAvailable', 5000), failures()];`) as [
        string,
        number,
      ];
      expect(isReady).toBe('null dataAvailable');
      expect(failures).toBeGreaterThan(0);
      expect(failures).toBeLessThan(50);
    },
  );
});
