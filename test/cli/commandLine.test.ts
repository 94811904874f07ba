import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { bipoll, outcomeOf, startBipoll } from '../support/commandLine';
import { whereInstalled } from '../support/whereInstalled';
import { describeWhere, isWindows } from '../support/where';
import { freePort } from '../support/freePort';

const COMMANDS = [
  'connect',
  'listen',
  'proxy',
  'scan',
  'wait',
  'send',
  'bench',
  'watch',
  'completion',
];

test('help lists the commands, the endpoints and the exit codes, without colours', async () => {
  const { stdout, stderr, code } = await bipoll(['--help']);
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('\x1b');
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  for (const text of ['tcp://HOST:PORT', 'unix:PATH', '124', '128 + N']) {
    expect(stdout).toContain(text);
  }
});

test.each(COMMANDS)('the help of %s shows its options and examples', async (name) => {
  const { stdout, code } = await bipoll([name, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^Usage: bipoll ${name} `));
  expect(stdout).toMatch(/^ {2}-h, --help/m);
  expect(stdout).toMatch(new RegExp(`Examples\n(.*\n)*.*bipoll ${name}`));
  expect((await bipoll(['help', name])).stdout).toBe(stdout);
});

test('the version is that of the package', async () => {
  const { stdout } = await bipoll(['--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('without a command it says how it is called, on stderr, and exits with 2', async () => {
  const { stdout, stderr, code } = await bipoll([]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toContain('Usage: bipoll');
});

test.each([
  [['conect', '7000'], 'There is no command conect; did you mean connect?'],
  [['connect', '7000', '--timout', '1s'], 'There is no option --timout; did you mean --timeout?'],
  [['connect', '7000', '--timeout'], "Option '-t, --timeout <value>' argument missing"],
  [['connect', '7000', '--timeout', 'soon'], '--timeout takes a time'],
  [['connect', '7000', '--frame', 'line'], '--frame is one of lines, crlf'],
  [['connect'], 'TARGET is missing'],
  [['connect', '1', '2'], '2 is one word too many'],
  [['connect', 'example.org'], 'An endpoint is tcp://HOST:PORT'],
  [['connect', '7000', '--ca', '/nowhere'], '--ca: ENOENT'],
  [['connect', 'tls://:1', '--ca', __filename], '--ca: there is no certificate in PEM in'],
  [['listen', 'tls://:0', '--key', __filename], '--key: there is no private key in PEM in'],
  [['listen', '7000', '--max-connections', '2'], '--max-connections needs --keep'],
  [['listen', 'tls://:7000'], 'A listener for TLS needs --cert and --key'],
  [['proxy', '7000', '-'], 'TARGET is a server, not -'],
  [['proxy', 'udp://:7000', '7001'], 'udp://localhost:7000 is no place to listen'],
  [['proxy', '7000', '7001', '--json', '--hex'], 'It is either --hex or --json'],
  [['connect', '7000', '--json', '--hex'], 'It is either --hex or --json'],
  [['listen', '0', '--json', '--hex'], 'It is either --hex or --json'],
  [['listen', '0', '--mode', '600'], '--mode is for unix:PATH'],
  [['listen', 'unix:@name', '--mode', '600'], '--mode is for unix:PATH'],
  [['proxy', '0', '7000', '--mode', '600'], '--mode is for unix:PATH'],
  [['listen', '0', '--echo', '--on-end', 'close'], '--on-end is about stdin'],
  [['listen', '0', '-k', '-m', '2', '--on-end', 'stay'], '--on-end is about stdin'],
  [['bench', '7000', '--duration', '0'], '--duration takes a time above zero'],
  [['scan', 'localhost', '0'], 'Ports are numbers from 1 to 65535'],
  [['wait', 'udp://:7000'], 'udp://localhost:7000 is not a connection'],
  [['send', 'tcp://:7000', 'x'], 'A datagram goes to udp://HOST:PORT or unix:PATH'],
  [['send', 'udp://:7000', 'x', '--encoding', 'hex'], 'DATA is not hex'],
  [['bench', '7000', '--request', 'x'], '--request needs --frame'],
  [['watch', '7000'], 'A live view is at unix:PATH, not at tcp://localhost:7000'],
  [['watch', 'unix:/x', '--port', 'x'], '--port takes a port'],
  [['completion', 'csh'], 'SHELL is one of bash, zsh, fish'],
])('the words %j are refused, with the exit code 2', async (words, message) => {
  const { stdout, stderr, code } = await bipoll(words);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toContain(`bipoll: ${message}`);
});

test('a value that begins with a dash is refused in one line', async () => {
  const { stderr } = await bipoll(['bench', '7000', '-n', '-1']);
  expect(stderr).toBe(
    'bipoll: --requests lacks its value; one that begins with a dash: --requests=-...\n' +
      'bipoll bench --help says more.\n',
  );
});

describeWhere(existsSync('/dev/full'), 'there is no /dev/full')('where stdout is full', () => {
  test.each([[['help']], [['listen', '--help']], [['completion', 'bash']]])(
    'the words %j fail, and say so in one line',
    async (words) => {
      const full = openSync('/dev/full', 'w');
      const outcome = outcomeOf(startBipoll(words, {}, full));
      closeSync(full);
      const { stderr, code } = await outcome;
      expect(stderr).toMatch(/^bipoll: stdout: .*ENOSPC.*\n$/);
      expect(code).toBe(1);
    },
  );
});

test('what the library refuses is a misuse as well', async () => {
  const { stderr, code } = await bipoll(['connect', 'tls://localhost:7000', '--alpn', '']);
  expect(stderr).toMatch(/^bipoll: .*ALPNProtocols/);
  expect(code).toBe(2);
});

test('a failure is one line on stderr, with --json one on stdout as well', async () => {
  const port = freePort();
  const { stdout, stderr, code } = await bipoll(['connect', `127.0.0.1:${port}`, '--json']);
  const message = `connect ECONNREFUSED 127.0.0.1:${port}`;
  expect(stderr).toBe(`bipoll: ${message}\n`);
  expect(JSON.parse(stdout)).toEqual({ event: 'error', code: 'ECONNREFUSED', message });
  expect(code).toBe(1);
});

/** What bash offers for a command line, of which the last word is being typed. */
async function offeredByBash(...words: string[]): Promise<string[]> {
  const { stdout: script } = await bipoll(['completion', 'bash']);
  const line = words.map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `${script}\nCOMP_WORDS=(bipoll ${line}); COMP_CWORD=${words.length}; _bipoll; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describeWhere(!isWindows, 'bash is not installed on Windows')('in bash', () => {
  test('commands, options and their values are completed', async () => {
    expect(await offeredByBash('')).toEqual([...COMMANDS, 'help']);
    expect(await offeredByBash('co')).toEqual(['connect', 'completion']);
    expect(await offeredByBash('scan', 'localhost', '--')).toEqual([
      '--timeout',
      '--concurrency',
      '--json',
      '--help',
    ]);
    expect(await offeredByBash('connect', '7000', '--frame', 'n')).toEqual([
      'ndjson',
      'netstrings',
    ]);
    expect(await offeredByBash('listen', '7000', '-f', 'sl')).toEqual(['slip']);
    expect(await offeredByBash('connect', 'unix:')).toEqual([]);
  });
});

whereInstalled('zsh')('in zsh', () => {
  test('the script is understood, and completes the names of commands', async () => {
    const { stdout: script } = await bipoll(['completion', 'zsh']);
    const { stdout, stderr } = spawnSync(
      'zsh',
      [
        '-f',
        '-c',
        `compdef() { :; }; ${script}
        _describe() { print -l -- "\${commands[@]%%:*}"; }; _arguments() { print -l -- "$@"; }
        words=(bipoll ''); CURRENT=2; _bipoll
        words=(bipoll connect ''); CURRENT=3; _bipoll`,
      ],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, COMMANDS.length)).toEqual(COMMANDS);
    expect(stdout).toContain('--on-end[');
  });
});

whereInstalled('fish')('in fish', () => {
  test('commands, options and their values are completed', async () => {
    const { stdout: script } = await bipoll(['completion', 'fish']);
    const offered = (line: string) =>
      spawnSync('fish', ['--no-config', '-c', `${script}\ncomplete -C '${line}'`], {
        encoding: 'utf8',
      })
        .stdout.split('\n')
        .map((row) => row.split('\t')[0]);
    expect(offered('bipoll be')).toContain('bench');
    expect(offered('bipoll connect 7000 --on-end ')).toContain('half-close');
    expect(offered('bipoll scan localhost 1 --conc')).toContain('--concurrency');
  });
});
