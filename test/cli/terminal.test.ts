import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Descriptor } from 'bipoll';
import { readUntil, writeAll } from 'bipoll/sync';
import { portOf, startListening } from '../support/commandLine';
import { PATIENCE } from '../support/patience';
import { exitOf } from '../support/script';
import { hasTerminals, NO_TERMINALS, openTerminal } from '../support/terminal';
import { describeWhere } from '../support/where';
import { freePort } from '../support/freePort';

const limit = { timeout: PATIENCE };
const program = join(__dirname, '../../loader/bipoll.js');

describeWhere(hasTerminals, NO_TERMINALS)('on a terminal', () => {
  let master: Descriptor;
  let terminal: Descriptor;
  beforeEach(() => {
    [master, terminal] = openTerminal('cooked');
  });
  afterEach(() => {
    master.close();
  });

  /** Runs a command line on the terminal, which is its own from then on. */
  function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
    const { fd } = terminal;
    const child = spawn(process.execPath, [program, ...args], {
      stdio: [fd, fd, fd],
      env: {
        ...process.env,
        CI: undefined, // where Node.js takes no terminal to have colours
        TERM: 'xterm-256color',
        ASAN_OPTIONS: 'detect_leaks=0',
        ...env,
      },
    });
    terminal.close();
    return exitOf(child);
  }

  const screenUpTo = (text: string) => readUntil(master, text, limit).toString();

  test('what is sent and received has colours; Ctrl-D ends our side', async () => {
    const { child, address, outcome } = await startListening(['listen', '0', '--echo', '--keep']);
    const exit = onTerminal(['connect', `${portOf(address)}`, '--hex', '--verbose']);
    expect(screenUpTo(`${portOf(address)}\r\n`)).toContain('connected to 127.0.0.1:');
    writeAll(master, 'hello\n', limit);
    expect(screenUpTo('\x1b[39m')).toContain('\x1b[36m> 00000000  68 65 6c 6c 6f 0a ');
    expect(screenUpTo('\x1b[39m')).toContain('\x1b[32m< 00000000  68 65 6c 6c 6f 0a ');
    writeAll(master, '\x04', limit);
    expect(await exit).toBe(0);
    child.kill('SIGINT');
    await outcome;
  });

  test('NO_COLOR forbids colours', async () => {
    const exit = onTerminal(['help'], { NO_COLOR: '1' });
    expect(screenUpTo('Exit codes')).not.toContain('\x1b');
    screenUpTo('colours off.');
    expect(await exit).toBe(0);
  });

  test('waiting shows what it waits for, in a line that is gone at the end', async () => {
    const port = freePort();
    const exit = onTerminal(['wait', `${port}`, '--timeout', '500ms', '--interval', '10ms']);
    expect(screenUpTo('ECONNREFUSED')).toContain(`\r\x1b[Kwaiting for tcp://localhost:${port}`);
    expect(screenUpTo('did not answer')).toContain('\r\x1b[K\x1b[31mbipoll:\x1b[39m');
    expect(await exit).toBe(124);
  });
});
