import { types } from 'node:util';
import { inspected } from '../arguments/inspected';
import type { Authorizer } from './authorize';
import { channelOf, publish, type Published } from './channel';
import { NO_CREDENTIALS, type PeerCredentials } from './peerCredentials';
import type { Server } from './Server';

/** Published on `bipoll:connection:refuse`: `authorize` refused a peer, which was disconnected. */
export interface PeerRefused extends Published {
  readonly server: Server;
  /** What the system tells of the peer. */
  readonly credentials: PeerCredentials;
  /** What `authorize` threw instead of an answer; null: it refused the peer. */
  readonly error: unknown;
}

export const refused = channelOf<PeerRefused>('bipoll:connection:refuse');

/**
 * Whether `authorize` lets a peer connect; a refusal is published. A function that throws refuses the peer, which may
 * have provoked that: the process warns of the first time, and the channel tells of each.
 */
export function isAuthorized(
  server: Server,
  authorize: Authorizer,
  told: PeerCredentials | null,
): boolean {
  const credentials = told ?? NO_CREDENTIALS;
  let error: unknown = null;
  try {
    const answer = authorize(credentials);
    if (answer === true) return true;
    if (answer !== false) throw noAnswer(answer);
  } catch (thrown) {
    error = thrown;
    if (!hasFailed.has(authorize)) warnOf(thrown);
    hasFailed.add(authorize);
  }
  if (refused.hasSubscribers) publish(refused, { server, credentials, error });
  return false;
}

/** A peer could fill a log with warnings. */
const hasFailed = new WeakSet<Authorizer>();

function warnOf(thrown: unknown): void {
  const reason = types.isNativeError(thrown) ? thrown.stack : inspected(thrown);
  process.emitWarning(`authorize has failed, and a peer was refused: ${reason}`, {
    type: 'AuthorizeWarning',
    code: 'BIPOLL_AUTHORIZE_FAILED',
  });
}

/** A promise would let everybody in if it counted as true. */
function noAnswer(answer: unknown): TypeError {
  if (types.isPromise(answer)) answer.catch(() => undefined); // its answer comes too late, also if that is an error
  const message = `The "authorize" function must return true or false. Received ${inspected(answer)}`;
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_RETURN_VALUE' });
}
