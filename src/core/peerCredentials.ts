import { native, type Token } from './native';

/** Who is at the other end, as the system knew it when the connection was made. */
export interface PeerCredentials {
  /** The process. Ids are used again: good for a log, not for a permission. Null: unknown. */
  pid: number | null;
  /** The user. Null: unknown, as on Windows. */
  uid: number | null;
  /** The group. Null: unknown. */
  gid: number | null;
}

/** Of a local connection; null where the system does not tell. */
export function peerCredentialsOf(token: Token): PeerCredentials | null {
  const found = native.peerCredentials(token);
  const known = (id: number) => (id < 0 ? null : id);
  return found && { pid: known(found.pid), uid: known(found.uid), gid: known(found.gid) };
}
