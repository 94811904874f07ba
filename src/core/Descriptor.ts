import { checkBytes } from './argument';
import { errorOfCode, orThrow, SocketError, type Where } from './errors';
import { bitOf, DESCRIPTOR_EVENTS } from './events';
import { END, native, type Token } from './native';
import { Claim, Socket } from './Socket';

const READABLE = bitOf('readable');
const WRITABLE = bitOf('writable');
const HANGUP = bitOf('hangup');

/** What a descriptor was opened for. */
export type DescriptorAccess = 'read' | 'write' | 'both';

/**
 * In the order of `native.access`. The last is Linux's fourth way, which permits neither: the system itself refuses each
 * read and write of it (`EBADF`).
 */
const accesses: readonly DescriptorAccess[] = ['read', 'write', 'both', 'both'];

/**
 * A descriptor that is no stream socket: a pipe, a terminal, a file, a datagram socket. Its flags stay unchanged, since
 * other processes may share them (a terminal is shared with the shell). No call here blocks even so: on Linux a pipe or
 * a terminal is opened a second time for that, which takes another descriptor.
 *
 * @example
 * using stdin = adopt(0, 'descriptor');
 * const answer = readLine(stdin, { timeout: 5000 }); // of bipoll/sync
 */
export class Descriptor extends Socket {
  override readonly possibleEvents = DESCRIPTOR_EVENTS;
  /** It has no address to name in errors. @internal */
  readonly where: Where = {};
  #access: DescriptorAccess | null = null;

  /** @internal */
  constructor(token: Token) {
    super(token, 'descriptor');
  }

  /** What it was opened for; `'both'`, for example, of a terminal, `'read'` of that end of a pipe. */
  get access(): DescriptorAccess {
    const token = this.token;
    return (this.#access ??= accesses[orThrow(native.access(token), 'fcntl')]!);
  }

  /** Refuses a direction that it was not opened for, since to wait for that would be in vain. @internal */
  checkAccess(claim: Claim): void {
    const syscall = claim === Claim.Reading ? 'read' : 'write';
    const { access } = this;
    if (access === 'both' || access === syscall) return;
    const { message, code, errno } = errorOfCode('EBADF', syscall);
    const only = access === 'read' ? 'reading' : 'writing';
    throw new SocketError(`${message}: it was opened for ${only} alone`, code, errno, { syscall });
  }

  /** Whether `read` would return something now: bytes, the end, or an error. */
  readable(): boolean {
    return this.holds(READABLE);
  }

  /** Whether `write` would take bytes now, or fail. */
  writable(): boolean {
    return this.holds(WRITABLE);
  }

  /** Whether the other end is gone. Bytes may be unread. */
  hangup(): boolean {
    return this.holds(HANGUP);
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    if (this.closed) return { state: 'closed' };
    return { state: this.hangup() ? 'hung up' : 'open', unreadBytes: this.unreadBytes };
  }

  /**
   * Reads what is there. The system refuses a buffer without room for one whole event of an inotify, or the 8 bytes of an
   * eventfd (`EINVAL`), and cuts a datagram.
   *
   * @returns bytes read; `0`: nothing there now; `null` at the end
   */
  read(buffer: Uint8Array): number | null {
    checkBytes('buffer', buffer);
    const token = this.token;
    this.checkUnclaimed(Claim.Reading);
    if (this.unreadBytes !== undefined) return this.readUnread(buffer, 0, buffer.length, false);
    const got = native.read(token, buffer, 0, buffer.length, false);
    return got === END ? null : orThrow(got, 'read');
  }

  /** Writes what the system takes. @returns bytes taken, `0` if it takes none now */
  write(buffer: Uint8Array): number {
    checkBytes('buffer', buffer);
    this.checkUnclaimed(Claim.Writing);
    return orThrow(native.write(this.token, buffer, 0, buffer.length), 'write');
  }
}
