import { EndOfStreamError, poll, readSome, TimeoutError, writeAll } from 'bipoll/sync';
import { expectPrompt, startOnTerminal } from '../../examples/expect';
import { outputOf, startExample } from '../support/example';
import { PATIENCE } from '../support/patience';
import { exitOf } from '../support/script';
import { hasTerminals, NO_TERMINALS } from '../support/terminal';
import { describeWhere } from '../support/where';

const SOON = { timeout: PATIENCE };
const ONCE = { ...SOON, attempts: 1 };

describeWhere(hasTerminals, NO_TERMINALS)('expect', () => {
  test('waits for prompts of a program, and answers them', async () => {
    const steps = ['>>> ', '6 * 7', '42', '', '>>> ', 'exit()'];
    const child = startExample('expect', ['TERM=dumb python3 -q', ...steps]);
    const exit = exitOf(child);
    expect(await outputOf(child)).toMatch(/^>>> 6 \* 7\r\n42/);
    expect(await exit).toBe(0);
  });

  test('shows what came instead of a prompt, and fails', async () => {
    const command = 'echo no such thing; read line';
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const args = ['--timeout', '1000', command, 'password: ', 'secret'];
    const child = startExample('expect', args, [...stdio]);
    const exit = exitOf(child);
    expect(await outputOf(child)).toContain('no such thing');
    expect(await exit).toBe(1);
  });

  test('loses nothing of a prompt that comes in halves, with a timeout in between', () => {
    const halves = `stty -echo; printf 'pass'; read go; printf 'word? '; read word; echo "<$word>"`;
    using terminal = startOnTerminal(halves);
    expectPrompt(terminal, 'pa', ONCE);
    const timeouts: number[] = [];
    const onTimeout = (bytes: number) => {
      if (bytes === 2 && !timeouts.includes(2)) writeAll(terminal, '\n', SOON);
      timeouts.push(bytes);
    };
    const said = expectPrompt(terminal, 'ssword? ', { timeout: 20, attempts: Infinity, onTimeout });
    expect(said).toBe('ssword? ');
    expect(timeouts).toContain(2);
    writeAll(terminal, 'secret\n', SOON);
    expect(expectPrompt(terminal, '>', ONCE)).toBe('<secret>');
  });

  test('gives up on a prompt that does not come, and on a program that has ended', () => {
    using terminal = startOnTerminal('stty -echo; printf bye; read go');
    poll(terminal, 'readable', PATIENCE); // from now on nothing is echoed
    expect(() => expectPrompt(terminal, 'hello', { timeout: 1, attempts: 2 })).toThrow(
      TimeoutError,
    );
    writeAll(terminal, '\n', SOON);
    expect(() => expectPrompt(terminal, 'hello', ONCE)).toThrow(EndOfStreamError);
    expect(String(readSome(terminal, SOON))).toBe('bye');
  });
});
