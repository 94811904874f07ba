import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Observable, tap } from 'rxjs';
import { lines } from 'bipoll/framing';
import { inspect } from 'bipoll/inspect';
import {
  type Connection,
  decode,
  listen,
  type ListeningAddress,
  openConnection,
  pacedMap,
  serve,
} from 'bipoll/reactive';
import type { Batch } from '../../src/inspect/wire';
import { runCutShort } from '../support/script';
import { until } from '../support/until';
import { isWindows, testWhere } from '../support/where';

/** Answers each line, until the peer ends. */
const handle = (connection: Connection): Observable<unknown> =>
  connection.data$.pipe(
    decode(lines()),
    pacedMap((line) => connection.send([`<${line}>\n`])),
  );

/** Asks once, and ends after the answer. */
const question = (connection: Connection): Observable<unknown> => {
  connection.write('one\n');
  return connection.data$.pipe(
    tap(() => {
      connection.end();
    }),
  );
};

/** The same, for the process that runs the saved tests. */
const SERVICE = `
  import { tap } from 'rxjs';
  import { lines } from 'bipoll/framing';
  import { decode, pacedMap } from 'bipoll/reactive';
  export const handle = (connection) => connection.data$.pipe(
    decode(lines()), pacedMap((line) => connection.send(['<' + line + '>\\n'])));
  export const question = (connection) => {
    connection.write('one\\n');
    return connection.data$.pipe(tap(() => { connection.end(); }));
  };`;

// Below the package, so that it finds that and rxjs.
const directory = mkdtempSync('build/inspect-');
const service = pathToFileURL(join(directory, 'service.mjs')).href;
beforeAll(() => {
  writeFileSync(join(directory, 'service.mjs'), SERVICE);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What the page is told, as it goes. */
async function follow(url: string, batches: Batch[], signal: AbortSignal): Promise<void> {
  const { body } = await fetch(`${url}events`, { signal });
  let rest = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const pieces = (rest + Buffer.from(chunk).toString()).split('\n\n');
    rest = pieces.pop()!;
    for (const piece of pieces) batches.push(JSON.parse(piece.slice('data: '.length)) as Batch);
  }
}

/** Lets both talk while somebody looks. @returns the tests of both ends, as the view saves them */
async function savedSession(): Promise<{ ofServer: string; ofClient: string }> {
  using view = await inspect();
  const batches: Batch[] = [];
  const leaving = new AbortController();
  const following = follow(view.url, batches, leaving.signal).catch(() => undefined);
  await until(() => batches.length > 0);
  let address: ListeningAddress | undefined;
  const serving = listen({ port: 0 }, { onListening: (at) => (address = at) })
    .pipe(serve(handle))
    .subscribe();
  await until(() => address !== undefined);
  const client = await openConnection(address!);
  question(client).subscribe();
  await until(() => batches.at(-1)!.totals.closed === 2);
  serving.unsubscribe();
  const ids = new Set(batches.flatMap(({ rows }) => rows.map(({ id }) => id)));
  const other = [...ids].find((id) => id !== client.id)!;
  const saved = async (id: number, handler: string) => {
    const query = new URLSearchParams({ from: service, handler, compare: 'order' });
    return (await fetch(`${view.url}connections/${id}/test?${query.toString()}`)).text();
  };
  const tests = {
    ofServer: await saved(other, 'handle'),
    ofClient: await saved(client.id, 'question'),
  };
  leaving.abort();
  await following;
  return tests;
}

/** Runs a saved test. */
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

const there = testWhere(
  !isWindows,
  'under Wine the session was not told to its end, which is not understood',
);
there('a connection is saved as a test that runs, and that fails for another answer', async () => {
  const { ofServer, ofClient } = await savedSession();
  expect(ofServer).toContain('pipe(serve(recorded.handle');
  expect(replay(ofServer)).toEqual({ stderr: '', status: 0 });
  expect(replay(ofServer.replace('<one>', '<eins>')).status).toBe(1);
  expect(ofClient).toContain('from(recorded.question(connection))');
  expect(replay(ofClient)).toEqual({ stderr: '', status: 0 });
  expect(replay(ofClient.replace("'one\\n'", "'eins\\n'")).status).toBe(1);
});
