import type { ChildProcess } from 'node:child_process';
import { capabilities } from 'bipoll';
import { connect, readLine } from 'bipoll/sync';
import { outputOf, startExample } from '../support/example';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { describeWhere } from '../support/where';
import { stop, untilSaid } from './peers';

const { children, signals } = capabilities().features;
const FOR_EVER = 'setInterval(() => 0, 1000); console.log("started")';

describeWhere(children && signals, 'it needs children and signals')('the supervisor', () => {
  let program: ChildProcess;
  let path: string;
  const run = (seconds: number, source: string) => {
    path = freshPath();
    const command = [String(seconds), process.execPath, '--', '--eval', source];
    program = startExample('supervisor', ['--path', path, ...command]);
  };
  afterEach(async () => {
    await stop(program);
  });

  test('tells how the program exited', async () => {
    run(PATIENCE, 'process.exit(3)');
    expect(await outputOf(program)).toContain('exited with 3');
  });

  test('kills a program that runs too long', async () => {
    run(0.05, FOR_EVER);
    expect(await outputOf(program)).toContain('was ended by SIGKILL');
  });

  test('answers at its control socket, and passes signals on', async () => {
    run(PATIENCE, FOR_EVER);
    const output = outputOf(program);
    await untilSaid(program, /started/);
    const client = connect({ path }, { timeout: PATIENCE });
    expect(readLine(client, { timeout: PATIENCE })).toMatch(/ runs for \d+ s$/);
    client.close();
    program.kill('SIGINT');
    expect(await output).toContain('was ended by SIGINT');
  });
});
