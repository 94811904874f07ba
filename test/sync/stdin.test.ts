import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { writeAll } from 'bipoll/sync';
import { outputOf } from '../support/example';
import { freshFile } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { pipe } from '../support/pipe';
import { startScriptOn } from '../support/script';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { describeWhere, isWindows, testWhere } from '../support/where';

describeWhere(!isWindows, 'there are no descriptors on Windows')('a line from stdin', () => {
  const ask = (stdin: number, timeout = PATIENCE) =>
    outputOf(
      startScriptOn(
        stdin,
        `import { adopt } from 'bipoll';
        import { readLine } from 'bipoll/sync';
        import { writeSync } from 'node:fs';
        const stdin = adopt(0, 'descriptor');
        try {
          writeSync(1, readLine(stdin, { timeout: ${timeout} }));
        } catch (error) {
          writeSync(1, error.code);
        }`,
      ),
    );

  test('comes through a pipe', async () => {
    const [readFd, writeFd] = pipe();
    const answer = ask(readFd);
    writeSync(writeFd, 'yes\nno\n');
    expect(await answer).toBe('yes');
    closeSync(readFd);
    closeSync(writeFd);
  });

  test('does not come in time', async () => {
    const [readFd, writeFd] = pipe();
    expect(await ask(readFd, 5)).toBe('ETIMEDOUT');
    closeSync(readFd);
    closeSync(writeFd);
  });

  test('comes from a file', async () => {
    const path = freshFile();
    writeFileSync(path, 'yes\nno\n');
    const fd = openSync(path, 'r');
    expect(await ask(fd)).toBe('yes');
    closeSync(fd);
  });

  testWhere(hasTerminals, NO_TERMINALS)('comes from a terminal', async () => {
    const [master, terminal] = openTerminal('cooked');
    const answer = ask(terminal.fd);
    writeAll(master, 'yes\n', { timeout: PATIENCE });
    expect(await answer).toBe('yes');
    master.close();
    terminal.close();
  });
});
