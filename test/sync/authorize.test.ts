import {
  capabilities,
  connectLocal,
  connectLocalPackets,
  listenLocal,
  listenLocalPackets,
  listenTcp,
} from 'bipoll';
import { accept, poll } from 'bipoll/sync';
import { answerTo, canBecomeOthers, openDirectoryOf } from '../support/clientAs';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { testWhere } from '../support/where';

const { features } = capabilities();
const uid = process.getuid?.() ?? 0;

/** Each kind of local server, with what connects to it. */
const kinds = [
  { kind: 'streams', listenAt: listenLocal, connectTo: connectLocal },
  ...(features.localPackets
    ? [{ kind: 'packets', listenAt: listenLocalPackets, connectTo: connectLocalPackets }]
    : []),
];

describe.each(kinds)('a local server of $kind', ({ listenAt, connectTo }) => {
  test('passes over those who may not connect, and accepts who may', () => {
    using server = listenAt({ path: freshPath() });
    using stranger = connectTo({ path: server.path });
    using friend = connectTo({ path: server.path });
    let asked = 0;
    const authorize = () => ++asked === 2;
    using accepted = accept(server, { timeout: PATIENCE, authorize });
    expect(accepted.closed).toBe(false);
    expect(poll(stranger, 'remoteDisconnected', PATIENCE)).toBe('remoteDisconnected');
    expect(friend.remoteDisconnected()).toBe(false);
  });

  test('waits until the deadline if nobody may connect', () => {
    using server = listenAt({ path: freshPath() });
    using stranger = connectTo({ path: server.path });
    expect(() => accept(server, { timeout: 20, authorize: () => false })).toThrow(
      expect.objectContaining({
        code: 'ETIMEDOUT',
        message: expect.stringContaining('nobody connected who may'),
      }),
    );
    expect(stranger.remoteDisconnected()).toBe(true);
  });

  testWhere(features.peerCredentials, 'no users are told here')('knows users', () => {
    using server = listenAt({ path: freshPath() });
    using client = connectTo({ path: server.path });
    using accepted = accept(server, { timeout: PATIENCE, authorize: { uid } });
    expect(accepted.closed).toBe(false);
    expect(client.remoteDisconnected()).toBe(false);
  });
});

testWhere(canBecomeOthers, 'only root becomes another user')(
  'another user is refused by the uid',
  async () => {
    using server = listenLocal({ path: openDirectoryOf(freshPath()), mode: 0o666 });
    const answer = answerTo({ uid: 54_321, gid: 54_322, groups: [] }, server.path);
    expect(() => accept(server, { timeout: 1000, authorize: { uid } })).toThrow(/nobody/);
    server.close();
    expect(await answer).toBe('');
  },
);

test('over TCP it is refused, as is a rule that names nothing', () => {
  using tcp = listenTcp({ port: 0 });
  using local = listenLocal({ path: freshPath() });
  const refused = expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' });
  expect(() => accept(tcp, { timeout: 0, authorize: { uid } } as never)).toThrow(refused);
  expect(() => accept(local, { timeout: 0, authorize: {} })).toThrow(refused);
});
