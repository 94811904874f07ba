import { native, type Token } from './native';

/** Who is at the other end, as the system knew it when the connection was made. */
export interface PeerCredentials {
  /** The process. Ids are used again: good for a log, not for a permission. Null: unknown. */
  pid: number | null;
  /** The user. Null: unknown, as on Windows. */
  uid: number | null;
  /** The group. Null: unknown. */
  gid: number | null;
  /** The supplementary groups; on macOS and FreeBSD at most 16, `gid` among them. Null: unknown. */
  groups: readonly number[] | null;
}

/** Of a peer of whom the system tells nothing. */
export const NO_CREDENTIALS: PeerCredentials = { pid: null, uid: null, gid: null, groups: null };

/** Of a local connection; null where the system does not tell. */
export function peerCredentialsOf(token: Token): PeerCredentials | null {
  const found = native.peerCredentials(token);
  const known = (id: number) => (id < 0 ? null : id);
  if (!found) return null;
  const { pid, uid, gid, groups } = found;
  return { pid: known(pid), uid: known(uid), gid: known(gid), groups };
}
