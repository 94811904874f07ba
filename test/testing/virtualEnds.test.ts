import { EMPTY } from 'rxjs';
import { type Connection, serve } from 'bipoll/reactive';
import { virtualConnection, type VirtualConnectionOptions, virtualListener } from 'bipoll/testing';
import { marbleScheduler } from './marbles';

/** Answers the owner, and hangs up on anybody else. */
function answer(client: Connection) {
  if (client.peerCredentials()?.uid !== 1000) {
    client.close();
    return EMPTY;
  }
  return client.send(client.data$);
}

test('a service that authorizes its clients serves one, and not the other', () => {
  const scheduler = marbleScheduler();
  scheduler.run(() => {
    const owner = virtualConnection(scheduler, '    ---x-|', { credentials: { uid: 1000 } });
    const stranger = virtualConnection(scheduler, ' ---y-|', { credentials: { uid: 1001 } });
    const unknown = virtualConnection(scheduler, '  ---z-|');
    const clients = { o: owner, s: stranger, u: unknown };
    virtualListener(scheduler, '                    osu', clients).pipe(serve(answer)).subscribe();
    owner.expectSent('                              ---x-|');
    stranger.expectSent('                           -|');
    unknown.expectSent('                            --|');
  });
});

test('of what it was given, a closed connection knows the peer', () => {
  const scheduler = marbleScheduler();
  const peer = { remoteAddress: '192.0.2.1', remotePort: 4000 };
  const own = { localAddress: '192.0.2.2', localPort: 80 };
  scheduler.run(() => {
    const tcp = virtualConnection(scheduler, '-', { ...peer, ...own });
    expect(tcp).toMatchObject({ ...peer, ...own });
    tcp.close();
    expect(tcp).toMatchObject({ ...peer, localAddress: undefined, localPort: undefined });

    const local = virtualConnection(scheduler, '-', { path: '/run/x', credentials: { pid: 7 } });
    expect(local.peerCredentials()).toEqual({ pid: 7, uid: null, gid: null, groups: null });
    local.close();
    expect(local.peerCredentials()).toBeNull();
    expect(local.path).toBe('/run/x');
  });
});

test.each<[string, unknown]>([
  ['ERR_INVALID_ARG_TYPE', { remoteAddress: 1 }],
  ['ERR_OUT_OF_RANGE', { remotePort: 65_536 }],
  ['ERR_INVALID_ARG_TYPE', { credentials: null }],
  ['ERR_OUT_OF_RANGE', { credentials: { uid: -1 } }],
  ['ERR_OUT_OF_RANGE', { credentials: { groups: [1, -1] } }],
  ['ERR_INVALID_ARG_TYPE', { credentials: { groups: 1 } }],
  ['ERR_INVALID_ARG_VALUE', { credentials: { user: 1 } }],
  ['ERR_INVALID_ARG_VALUE', { path: '/run/x', remotePort: 1 }],
])('%s: %j is refused', (code, options) => {
  const scheduler = marbleScheduler();
  scheduler.run(() => {
    const refused = () => virtualConnection(scheduler, '-', options as VirtualConnectionOptions);
    expect(refused).toThrow(expect.objectContaining({ code }));
  });
});
