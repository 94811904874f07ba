import { listenLocal, listenTcp, LocalStream } from 'bipoll';
import { accept, connect, readExactly, readLine, readSome, writeAll } from 'bipoll/sync';
import { Broken } from '../outcome';
import { checkWhole, pattern } from './bytes';
import type { Scenario } from './Scenario';
import { type Transport, transports } from './targets';

const SENT = pattern(20_000); // which both systems take without a reader

function play({ target }: Transport, patience: number): void {
  const where = target();
  const limit = { timeout: patience };
  using server = 'path' in where ? listenLocal({ ...where, replaceStale: true }) : listenTcp(where);
  // By name, so that it is looked up.
  using client = connect(
    'path' in where ? where : { host: 'localhost', port: (server as { port?: number }).port! },
    limit,
  );
  using remote = accept(server, limit);
  if (remote instanceof LocalStream) checkPeer(remote);
  writeAll(client, 'hello\r\n', limit);
  const line = readLine(remote, limit);
  if (line !== 'hello') throw new Broken('wrong bytes', `${line} instead of hello`);
  writeAll(remote, SENT, limit);
  checkWhole(readExactly(client, SENT.length, limit), SENT);
  client.shutdown();
  const end = readSome(remote, limit);
  if (end !== null) throw new Broken('wrong bytes', `${end.length} bytes behind the end`);
}

/** Null: the system does not tell. */
function checkPeer(stream: LocalStream): void {
  const { pid } = stream.peerCredentials() ?? { pid: null };
  if (pid !== null && pid !== process.pid) {
    throw new Broken('wrong bytes', 'the credentials are not those of the peer');
  }
}

export const blocking: readonly Scenario[] = transports.map((transport) => ({
  family: 'blocking verbs',
  variant: transport.name,
  play: (patience) => {
    play(transport, patience);
  },
}));
