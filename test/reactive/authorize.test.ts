import diagnostics from 'node:diagnostics_channel';
import type { Subscription } from 'rxjs';
import { connectLocal, listenLocal, listenTcp, type PeerCredentials } from 'bipoll';
import {
  type Authorize,
  type Connection,
  fromServer,
  listen,
  type ListenOptions,
  type PeerRefused,
  serve,
} from 'bipoll/reactive';
import { readLine } from 'bipoll/sync';
import { answerTo, canBecomeOthers, openDirectoryOf, type User } from '../support/clientAs';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { until } from '../support/until';
import { describeWhere, isLinux, isWindows } from '../support/where';

const uid = process.getuid?.() ?? 0;
const OTHER: User = { uid: 54_321, gid: 54_322, groups: [54_323, 54_324] };
const tellsGroups = isLinux;
const CODED = expect.objectContaining({ code: 'BIPOLL_AUTHORIZE_FAILED' }) as unknown;

let path: string;
let refused: PeerRefused[];
const onRefused = (message: unknown) => refused.push(message as PeerRefused);
beforeEach(() => {
  path = freshPath();
  refused = [];
  diagnostics.subscribe('bipoll:connection:refuse', onRefused);
});
afterEach(() => {
  diagnostics.unsubscribe('bipoll:connection:refuse', onRefused);
});

const echo = (connection: Connection) => connection.send(connection.data$);
const echoing = (options: ListenOptions): Subscription =>
  listen({ path }, options).pipe(serve(echo)).subscribe();

/** Connects, and tells whether the service disconnected before it had read anything. */
async function isRefused(): Promise<boolean> {
  using client = connectLocal({ path });
  await until(() => client.remoteDisconnected());
  return client.read(Buffer.alloc(1)) === null;
}

describeWhere(!isWindows, 'Windows does not tell users')('on each loop', () => {
  describe.each(loops)('$name', (each) => {
    test('peers are refused before a byte is read, and the service goes on', async () => {
      const loop = each.open();
      let asked = 0;
      const authorize = (credentials: PeerCredentials) => {
        expect(credentials).toMatchObject({ uid, gid: process.getgid!() });
        return ++asked > 2;
      };
      const serving = echoing({ loop, authorize, maxConnections: 1 });
      expect([await isRefused(), await isRefused()]).toEqual([true, true]);
      expect(refused).toMatchObject([
        { credentials: { uid }, error: null, server: { path }, time: expect.any(Number) },
        { credentials: { uid }, error: null },
      ]);
      using client = connectLocal({ path });
      client.write(Buffer.from('hi\n'));
      await until(() => client.dataAvailable());
      expect(readLine(client, { timeout: 0 })).toBe('hi');
      serving.unsubscribe();
      loop.close();
    });

    test('a function that throws, or gives no boolean, refuses the peer and is told', async () => {
      const loop = each.open();
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
      const answers = [
        () => {
          throw new Error('a mistake');
        },
        () => Promise.resolve(true),
        () => Promise.reject(new Error('too late')),
        () => false,
      ];
      const authorize = (() => answers.shift()!()) as unknown as Authorize;
      const serving = echoing({ loop, authorize });
      for (let i = 0; i < 4; i++) expect(await isRefused()).toBe(true);
      // Once, since a peer could fill a log.
      expect(warn.mock.calls).toEqual([[expect.stringContaining('a mistake'), CODED]]);
      warn.mockRestore();
      serving.unsubscribe();
      loop.close();
      expect(refused.map(({ error }) => error)).toEqual([
        new Error('a mistake'),
        expect.objectContaining({ code: 'ERR_INVALID_RETURN_VALUE' }),
        expect.objectContaining({ code: 'ERR_INVALID_RETURN_VALUE' }),
        null,
      ]);
    });
  });
});

test('a function that ends the service is asked no more, and nobody is emitted', async () => {
  let asked = 0;
  const authorize = () => {
    asked++;
    serving.unsubscribe();
    return true;
  };
  const accepted: Connection[] = [];
  const serving = listen({ path }, { authorize }).subscribe((each) => accepted.push(each));
  using one = connectLocal({ path });
  using other = connectLocal({ path });
  await until(() => one.remoteDisconnected() && other.remoteDisconnected());
  expect([asked, accepted.length]).toEqual([1, 0]);
});

test('a server that was bound before takes it as well', async () => {
  using server = listenLocal({ path });
  const serving = fromServer(server, { authorize: () => false }).subscribe();
  expect(await isRefused()).toBe(true);
  serving.unsubscribe();
});

describeWhere(canBecomeOthers, 'only root becomes another user')('another user', () => {
  test.each<[string, string, Authorize]>([
    ['is served', 'whose uid is named', { uid: OTHER.uid }],
    ['is served', 'whose uid is one of a list', { uid: [1, OTHER.uid] }],
    ['is refused', 'whose uid is not', { uid: [0, 1] }],
    ['is refused', 'for whom a list is empty', { uid: [] }],
    ['is served', 'whose gid is named', { gid: OTHER.gid }],
    ['is refused', 'of whom only one of both holds', { uid: OTHER.uid, gid: 1 }],
    ['is refused', 'whose process is another', { pid: process.pid }],
    ['is refused', 'whose group is no supplementary one', { groups: [OTHER.gid] }],
    [
      tellsGroups ? 'is served' : 'is refused',
      'one of whose groups is named',
      { groups: [1, 54_324] },
    ],
  ])('%s %s', async (outcome, _who, authorize) => {
    const serving = echoing({ authorize, mode: 0o666 });
    const answer = await answerTo(OTHER, openDirectoryOf(path));
    serving.unsubscribe();
    expect(answer).toBe(outcome === 'is served' ? 'hello\n' : '');
    expect(refused).toHaveLength(outcome === 'is served' ? 0 : 1);
  });

  test('is told by its credentials', async () => {
    const serving = echoing({ authorize: { uid: 1 }, mode: 0o666 });
    await answerTo(OTHER, openDirectoryOf(path));
    serving.unsubscribe();
    const groups = tellsGroups ? OTHER.groups : null;
    expect(refused).toMatchObject([{ credentials: { uid: OTHER.uid, gid: OTHER.gid, groups } }]);
  });
});

test.each<[string, unknown, string | RegExp]>([
  ['ERR_INVALID_ARG_VALUE', {}, /must have one of uid, gid, groups, pid/],
  ['ERR_INVALID_ARG_VALUE', { uid: undefined }, /must have one of/],
  ['ERR_INVALID_ARG_VALUE', { group: 5 }, /'authorize' .* 'group'; did you mean 'groups'\?/],
  ['ERR_INVALID_ARG_TYPE', { uid: '5' }, /authorize\.uid/],
  ['ERR_INVALID_ARG_TYPE', { uid: ['5'] }, /authorize\.uid\[0\]/],
  ['ERR_OUT_OF_RANGE', { gid: -1 }, /authorize\.gid/],
  ['ERR_INVALID_ARG_TYPE', null, /authorize/],
  ['ERR_INVALID_ARG_TYPE', 'root', /authorize/],
])('%s: authorize: %p', (code, authorize, message) => {
  using server = listenLocal({ path });
  const options = { authorize } as ListenOptions;
  const refusal = expect.objectContaining({ code, message: expect.stringMatching(message) });
  expect(() => listen({ path }, options)).toThrow(refusal);
  expect(() => fromServer(server, { authorize } as object)).toThrow(refusal);
});

test('over TCP it is refused: nobody there has credentials', () => {
  using server = listenTcp({ port: 0 });
  const authorize = { uid };
  const refusal = expect.objectContaining({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringContaining('must not be given over TCP'),
  });
  expect(() => listen({ port: 0 }, { authorize })).toThrow(refusal);
  expect(() => fromServer(server, { authorize })).toThrow(refusal);
});
