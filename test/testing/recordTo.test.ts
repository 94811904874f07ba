import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { of } from 'rxjs';
import { socketPair } from 'bipoll';
import { fromSocket } from 'bipoll/reactive';
import { readLine } from 'bipoll/sync';
import { record, recordTo, type RecordToOptions } from 'bipoll/testing';
import { PATIENCE } from '../support/patience';
import { runCutShort, runScript } from '../support/script';

/** In milliseconds. The first turn of a process takes more than 100 where Wine runs on a busy machine. */
const STEP = 800;

/** A service that answers each line, two steps later. */
const SERVICE = `
  import { delay, of } from 'rxjs';
  import { lines } from 'bipoll/framing';
  import { decode, pacedMap } from 'bipoll/reactive';
  export const handle = (connection) => connection.data$.pipe(
    decode(lines()),
    pacedMap((line) => connection.send(of('<' + line + '>\\n').pipe(delay(${2 * STEP})))),
  );`;

// Below the package, so that it finds that and rxjs.
const directory = mkdtempSync('build/recordTo-');
const service = pathToFileURL(join(directory, 'service.mjs')).href;
const file = join(directory, 'session.test.mjs');
beforeAll(() => {
  writeFileSync(join(directory, 'service.mjs'), SERVICE);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Records what a client and the service say, in a process of their own. */
function recordSession(options: Partial<RecordToOptions>, client: string): string {
  const { stderr, status } = runScript(`
    import { listenTcp } from 'bipoll';
    import { firstValueFrom, lastValueFrom, timer, toArray } from 'rxjs';
    import { fromServer, openConnection, serve } from 'bipoll/reactive';
    import { recordTo } from 'bipoll/testing';
    import { handle } from ${JSON.stringify(service)};
    const server = listenTcp({ port: 0 });
    const serving = fromServer(server)
      .pipe(recordTo(${JSON.stringify(file)}, ${JSON.stringify({ from: service, ...options })}), serve(handle))
      .subscribe();
    const client = await openConnection(server);
    const received = lastValueFrom(client.data$.pipe(toArray()));
    ${client}
    client.end();
    await received;
    await firstValueFrom(client.closed$);
    setTimeout(() => { server.close(); }, 50);`);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return readFileSync(file, 'utf8');
}

/** Runs a recorded test: what it expects, and whether that was so. */
function replay(source: string): { stderr: string; status: number | null } {
  const { stderr, status } = runCutShort(`
    import assert from 'node:assert';
    globalThis.expect = (actual) => ({ toEqual: (expected) => assert.deepEqual(actual, expected) });
    globalThis.test = (title, run) => { titles.push(title); run(); };
    const titles = [];
    ${source}
    assert.deepEqual(titles, ['session 1']);`);
  return { stderr, status };
}

const passed = { stderr: '', status: 0 };
const twoLines = `
  client.write('one\\nit\\'s ');
  await firstValueFrom(timer(${5 * STEP}));
  client.write('two\\n');`;

test('writes a test that replays a session with timers, given a step', () => {
  const source = recordSession({ step: STEP }, twoLines);
  expect(replay(source)).toEqual(passed);
  const changed = replay(source.replace(/<one>/, '<eins>'));
  expect(changed.status).toBe(1);
  expect(changed.stderr).toContain('AssertionError');
});

test('writes a test that compares the order alone', () => {
  const source = recordSession({ compare: 'order' }, twoLines);
  expect(source).not.toContain('expectSent');
  expect(replay(source)).toEqual(passed);
  expect(replay(source.replace(/<one>/, '<eins>')).status).toBe(1);
});

test('is for vitest, if asked to', () => {
  const source = recordSession({ runner: 'vitest' }, `client.write('x\\n');`);
  expect(source).toContain("import { expect, test } from 'vitest';");
});

test('leaves out what is secret, and gives it to the connection', () => {
  const [left, right] = socketPair();
  const recorded = record(fromSocket(left), {
    redact: (bytes) => String(bytes).replace('secret', '***'),
  });
  recorded.write('PASS secret\n');
  const { recording } = recorded;
  expect(recording.values).toEqual({ a: 'PASS ***\n' });
  expect(readLine(right, { timeout: PATIENCE })).toBe('PASS secret');
  recorded.close();
  right.close();
});

test('a mistake in redact leaves the chunk out, and harms nobody', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const [left, right] = socketPair();
  const recorded = record(fromSocket(left), {
    redact: (bytes) => JSON.parse(String(bytes)) as string,
  });
  recorded.write('no JSON\n');
  expect(readLine(right, { timeout: PATIENCE })).toBe('no JSON');
  expect(recorded.recording.values).toEqual({ a: '(left out)' });
  const code = 'BIPOLL_REDACT_FAILED';
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('redact has failed'), { code });
  warn.mockRestore();
  recorded.close();
  right.close();
});

test('a file that cannot be written is a warning', () => {
  const [left, right] = socketPair();
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  of(fromSocket(left))
    .pipe(recordTo(join(directory, 'nowhere', 'file'), { from: './service' }))
    .subscribe((connection) => {
      connection.close();
    });
  const code = 'BIPOLL_UNWRITTEN_RECORDING';
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('ENOENT'), { code });
  warn.mockRestore();
  right.close();
});

test('wrong options are refused', () => {
  const wrong = [
    {},
    { from: 5 },
    { from: './a', handler: 'a b' },
    { from: './a', runner: 'mocha' },
    { from: './a', compare: 'size' },
    { from: './a', maxSessions: 0 },
    { from: './a', step: 0 },
    { from: './a', redact: 1 },
    { from: './a', stepp: 1 },
  ];
  for (const options of wrong) {
    expect(() => recordTo(file, options as RecordToOptions)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_/) as string }),
    );
  }
});
