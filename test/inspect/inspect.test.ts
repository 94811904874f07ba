import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, existsSync } from 'node:fs';
import { type IncomingMessage, request as ask, type RequestOptions } from 'node:http';
import { listenTcp, type SocketError } from 'bipoll';
import { lengthPrefixed, lines } from 'bipoll/framing';
import { inspect, type LiveView, watch } from 'bipoll/inspect';
import type { Batch, FrameBatch, Opened } from '../../src/inspect/wire';
import { channels } from '../../src/reactive/connection/channels';
import { untilSaid } from '../examples/peers';
import { freshFile } from '../support/freshPath';
import { until } from '../support/until';
import { describeWhere, isWindows } from '../support/where';
import { connectedPair } from './connections';

const views: LiveView[] = [];
async function open(opening: Promise<LiveView>): Promise<LiveView> {
  const view = await opening;
  views.push(view);
  return view;
}
afterEach(() => {
  for (const view of views.splice(0)) view.close();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** Where a view is asked: its URL, or a path. */
function targetOf({ url }: LiveView, below: string): RequestOptions {
  const [, socketPath] = /^unix:(.*)/.exec(url) ?? [];
  if (socketPath !== undefined) return { socketPath, path: `/${below}` };
  const { hostname, port, pathname } = new URL(url);
  return { hostname, port, path: pathname + below };
}

async function answerOf(options: RequestOptions): Promise<Answer> {
  const asked = ask({ agent: false, ...options }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode!, text, headers: response.headers };
}

/** What a page is told. */
interface Look<Told> {
  readonly batches: readonly Told[];
  readonly leave: () => void;
  /** Once nothing more comes. */
  readonly left: Promise<unknown>;
}

/** Looks as the page does: at the time line, or at frames. */
async function look(view: LiveView): Promise<Look<Batch>>;
async function look(view: LiveView, below: string): Promise<Look<FrameBatch>>;
async function look(view: LiveView, below = 'events'): Promise<Look<Batch & FrameBatch>> {
  const asked = ask({ agent: false, ...targetOf(view, below) }).end();
  asked.on('error', () => undefined);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  const left = new Promise((resolve) => response.once('close', resolve));
  const batches: (Batch & FrameBatch)[] = [];
  let rest = '';
  response.on('data', (chunk: Buffer) => {
    const pieces = (rest + chunk.toString()).split('\n\n');
    rest = pieces.pop()!;
    for (const piece of pieces)
      batches.push(JSON.parse(piece.slice('data: '.length)) as Batch & FrameBatch);
  });
  await until(() => batches.length > 0);
  return { batches, leave: () => asked.destroy(), left };
}

/** How a view is reached by a browser: at its port, or by one that watches its path. */
const ways = new Map<string, () => Promise<LiveView>>([['a port', () => open(inspect())]]);
if (!isWindows) {
  ways.set('a path', () => open(inspect({ path: freshFile() })));
  ways.set('watch', async () => {
    const path = freshFile();
    await open(inspect({ path }));
    return open(watch({ path }));
  });
}

describe.each([...ways])('at %s', (_, opened) => {
  test('gives the page, which may do nothing but ask there', async () => {
    const { status, text, headers } = await answerOf(targetOf(await opened(), ''));
    expect(status).toBe(200);
    expect(text).toMatch(/^<!doctype html>/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  });

  test('tells what happens to whoever looks, and costs nothing when they have left', async () => {
    const view = await opened();
    expect(channels.read.hasSubscribers).toBe(false);
    const { batches, leave } = await look(view);
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('hello');
    await until(() => batches.at(-1)!.totals.bytesIn === 5);
    const opened$ = await answerOf(targetOf(view, `connections/${right.id}`));
    const { row, chunks } = JSON.parse(opened$.text) as Opened;
    expect(row).toMatchObject({ id: right.id, bytesRead: 5 });
    expect(chunks).toMatchObject([{ direction: 'in', base64: btoa('hello') }]);
    leave();
    await until(() => !channels.read.hasSubscribers);
  });

  test('tells the frames of a connection to whoever asks for them', async () => {
    const view = await opened();
    const { leave } = await look(view);
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('\0\x02hi\0\x03by');
    await until(() => right.bytesRead === 8);
    const frames = await look(view, `connections/${right.id}/frames?as=uint16`);
    expect(frames.batches).toMatchObject([
      {
        items: [{ direction: 'in', index: 1, bytes: 4, content: { base64: btoa('hi') } }],
        counts: { in: 1, out: 0 },
        restBytes: { in: 4, out: 0 },
      },
    ]);
    left.write('e');
    await until(() => frames.batches.length > 1);
    expect(frames.batches[1]).toMatchObject({
      items: [{ index: 2, content: { base64: btoa('bye') } }],
    });
    leave(); // the time line goes, and frames with it
    await frames.left;
    await until(() => !channels.read.hasSubscribers);
  });

  test('says what it has not, cannot save, or does not understand', async () => {
    const view = await opened();
    const { leave } = await look(view);
    const [left] = connectedPair();
    const statusOf = async (below: string, method = 'GET') =>
      (await answerOf({ ...targetOf(view, below), method })).status;
    expect(await statusOf('nothing')).toBe(404);
    expect(await statusOf('connections/999999')).toBe(404);
    expect(await statusOf('', 'POST')).toBe(405);
    expect(await statusOf(`connections/${left.id}/test`)).toBe(400);
    expect(await statusOf(`connections/${left.id}/test?from=./it&handler=a%20b`)).toBe(400);
    expect(await statusOf(`connections/${left.id}/test?from=./it`)).toBe(200);
    expect(await statusOf(`connections/${left.id}/frames`)).toBe(400);
    expect(await statusOf(`connections/${left.id}/frames?as=toString`)).toBe(400);
    expect(await statusOf(`connections/${left.id}/frames?as=service`)).toBe(400); // it has named none
    expect(await statusOf('connections/999999/frames?as=lines')).toBe(404);
    left.write('x'.repeat(70_000));
    expect(await statusOf(`connections/${left.id}/test?from=./it`)).toBe(409);
    leave();
  });
});

test('tells the frames of the codec that the service has named', async () => {
  const view = await open(inspect({ frames: lines() }));
  const { leave } = await look(view);
  const [left] = connectedPair();
  left.write('one\ntwo');
  const { text } = await answerOf(targetOf(view, `connections/${left.id}`));
  expect(JSON.parse(text)).toMatchObject({ hasCodec: true });
  const frames = await look(view, `connections/${left.id}/frames?as=service`);
  expect(frames.batches[0]!.items).toMatchObject([{ direction: 'out', content: { text: 'one' } }]);
  leave();
});

test('a frame that cannot be decoded leaves the connection alone', async () => {
  const view = await open(inspect({ frames: lengthPrefixed({ maxBytes: 10 }) }));
  const { leave } = await look(view);
  const [left, right] = connectedPair();
  right.data$.subscribe();
  left.write('no length');
  await until(() => right.bytesRead === 9);
  const { batches } = await look(view, `connections/${right.id}/frames?as=service`);
  expect(batches[0]!.items).toMatchObject([
    { direction: 'in', isError: true, note: expect.stringContaining('ERR_FRAME_TOO_LARGE') },
  ]);
  left.write('more');
  await until(() => right.bytesRead === 13);
  const { text } = await answerOf(targetOf(view, `connections/${right.id}`));
  expect((JSON.parse(text) as Opened).row.isOpen).toBe(true);
  leave();
});

describe('strangers', () => {
  test.each([
    ['no token', { path: '/' }],
    ['a wrong token', { path: '/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/' }],
    ['no token, for what happens', { path: '/events' }],
    ['a path that is none', { path: '//' }],
  ])('who have %s get not a byte', async (__, { path }) => {
    const view = await open(inspect());
    const { status, text } = await answerOf({ ...targetOf(view, ''), path });
    expect({ status, text }).toEqual({ status: 403, text: '' });
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost:1'])(
    'whose page has led a browser here under the name %s get not a byte',
    async (host) => {
      const view = await open(inspect());
      const { status, text } = await answerOf({ ...targetOf(view, ''), headers: { host } });
      expect({ status, text }).toEqual({ status: 403, text: '' });
    },
  );

  test('have to guess another token each time', async () => {
    const [one, other] = [await open(inspect()), await open(inspect())];
    expect(new URL(one.url).pathname).toMatch(/^\/[\w-]{32}\/$/);
    expect(new URL(one.url).pathname).not.toBe(new URL(other.url).pathname);
  });
});

describeWhere(!isWindows, 'Windows has no socket files')('a path', () => {
  test('is its owner’s alone, and is removed when the view is closed', async () => {
    const path = freshFile();
    const view = await inspect({ path });
    expect(view.url).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    view.close();
    expect(existsSync(path)).toBe(false);
  });

  test('may have no abstract name, which everybody could open', async () => {
    await expect(inspect({ path: '\0view' })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });

  test('where nobody serves a view makes watch say so', async () => {
    const view = await open(watch({ path: freshFile() }));
    const { status, text } = await answerOf(targetOf(view, ''));
    expect({ status, text }).toMatchObject({
      status: 502,
      text: expect.stringContaining('ENOENT'),
    });
  });
});

test.each([
  [{ port: 70_000 }, 'ERR_OUT_OF_RANGE'],
  [{ port: '1' }, 'ERR_INVALID_ARG_TYPE'],
  [{ path: '' }, 'ERR_INVALID_ARG_VALUE'],
  [{ path: 7 }, 'ERR_INVALID_ARG_TYPE'],
  [{ port: 1, path: 'x' }, 'ERR_INVALID_ARG_VALUE'],
  [{ frames: 'lines' }, 'ERR_INVALID_ARG_TYPE'],
  [{ frames: null }, 'ERR_INVALID_ARG_TYPE'],
  [{ prot: 1 }, 'ERR_INVALID_ARG_VALUE'],
  [null, 'ERR_INVALID_ARG_TYPE'],
])('inspect(%j) is refused with %s', async (options, code) => {
  await expect(inspect(options as never)).rejects.toMatchObject({ code });
});

test.each([
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [{}, 'ERR_INVALID_ARG_TYPE'],
  [{ path: 'x', port: -1 }, 'ERR_OUT_OF_RANGE'],
])('watch(%j) is refused with %s', async (options, code) => {
  await expect(watch(options as never)).rejects.toMatchObject({ code });
});

test('a port that is taken is an error', async () => {
  using server = listenTcp({ port: 0 });
  const error = await inspect({ port: server.port }).catch((caught: unknown) => caught);
  expect((error as SocketError).code).toBe('EADDRINUSE');
});

describe('BIPOLL_INSPECT', () => {
  /** A program that imports the entry point, of the built package, and goes on until its stdin ends. */
  const start = (where: string, script = `process.stdin.resume();`) =>
    spawn(process.execPath, ['--eval', `require('bipoll/inspect');${script}`], {
      env: { ...process.env, BIPOLL_INSPECT: where },
      stdio: ['pipe', 'pipe', 'pipe'],
    });

  test('serves the view, and tells its URL', async () => {
    const child = start('tcp:0');
    const said = await untilSaid(child, /live view at \S+\n/, 'stderr');
    const view = { url: /at (\S+)/.exec(said)![1]! } as LiveView;
    expect((await answerOf(targetOf(view, ''))).status).toBe(200);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  const places = isWindows ? ['tcp:0'] : ['tcp:0', `unix:${freshFile()}`];
  test.each(places)('keeps no process alive, at %s', async (place) => {
    expect(await once(start(place, ''), 'exit')).toEqual([0, null]);
  });

  test('that says nothing that makes sense is an error', async () => {
    const child = start('7000');
    await untilSaid(child, /BIPOLL_INSPECT.*must be unix:\/path or tcp:PORT/, 'stderr');
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  test('that is taken is a warning, and the program goes on', async () => {
    using server = listenTcp({ port: 0 });
    const child = start(`tcp:${server.port}`);
    await untilSaid(child, /\[BIPOLL_NOT_INSPECTED\].*EADDRINUSE/, 'stderr');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
