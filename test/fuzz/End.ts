import type { SocketEvent, StreamSocket } from 'bipoll';
import type { Expected } from './Expected';

/** What has become of an end's peer, and how it shows once all the peer's bytes are read. */
export type PeerState =
  | 'sending'
  /** Reading gives the end. */
  | 'ended'
  /** Reading gives ECONNRESET. */
  | 'reset'
  /** Reading gives either: the reset came behind an end, or a write took it from the system. */
  | 'ended or reset';

/** What may be on its way to an end while a write to it is sure to be taken whole. */
const MAX_IN_FLIGHT = 32_768;
const MAX_WRITES_IN_FLIGHT = 64;

/** One end of a connection: its socket, and what the reference model knows of it. */
export class End {
  peer: End | null = null;
  /** How many bytes its peer has written, and how many of them were read here. */
  written = 0;
  read = 0;
  /** A verb may have taken some of the rest from the system. */
  mayHoldUnread = false;
  peerState: PeerState = 'sending';
  hasShutDown = false;
  /** Whether the system still has it, be it in the backlog of a server. */
  isOpen = true;
  /** Whether the system takes bytes from it. */
  room: 'enough' | 'none' | 'unknown' = 'enough';
  #writesInFlight = 0;

  /**
   * @param socket - null while a server has yet to accept it
   * @param isRefused - nobody listens where it connects to
   */
  constructor(
    readonly number: number,
    readonly isLocal: boolean,
    public socket: StreamSocket | null,
    readonly isRefused = false,
  ) {}

  /** How many bytes wait to be read here. */
  get available(): number {
    return this.written - this.read;
  }

  /** Whether both ends are there and nothing has ended yet. */
  get isWhole(): boolean {
    return (
      this.socket !== null &&
      this.peer?.socket != null &&
      this.peerState === 'sending' &&
      !this.hasShutDown
    );
  }

  /** Whether the system is sure to take so many bytes for this end. */
  hasRoomFor(length: number): boolean {
    return this.available + length <= MAX_IN_FLIGHT && this.#writesInFlight < MAX_WRITES_IN_FLIGHT;
  }

  onPeerWrote(length: number): void {
    this.written += length;
    this.#writesInFlight++;
  }

  onRead(length: number): void {
    this.read += length;
    if (this.peer?.room === 'none') this.peer.room = 'unknown';
    if (this.available > 0) return;
    this.#writesInFlight = 0;
    this.mayHoldUnread = false;
    if (this.peer) this.peer.room = 'enough';
  }

  onPeerEnded(): void {
    if (this.peerState === 'sending') this.peerState = 'ended';
  }

  onPeerReset(): void {
    this.peerState = this.peerState === 'sending' ? 'reset' : 'ended or reset';
  }

  /** Something else than a read may have taken the failure from the system, or caused one. */
  onDoubt(): void {
    this.peerState = 'ended or reset';
  }

  /** It was closed, by a reset where there is such a thing. A close that loses bytes is one, too. */
  onClosed(isReset: boolean): void {
    this.isOpen = false;
    this.socket = null;
    const { peer } = this;
    if (!peer) return;
    const losesBytes = this.available > 0;
    if ((isReset && !this.isLocal) || (losesBytes && !this.mayHoldUnread)) peer.onPeerReset();
    else if (losesBytes) peer.onDoubt();
    else peer.onPeerEnded();
  }

  /** Its server was closed before anybody accepted it. */
  onClosedInBacklog(): void {
    this.isOpen = false;
    this.peer?.onPeerReset();
  }

  get events(): Expected {
    if (this.isRefused) {
      const failed = new Set<SocketEvent>(['determined', 'connectionFailed']);
      return { certain: failed, possible: failed };
    }
    const isOver = this.peerState !== 'sending';
    const certain = new Set<SocketEvent>(['determined']);
    certain.add(isOver ? 'remoteDisconnected' : 'connectionSucceeded');
    if (this.available > 0) certain.add('dataAvailable');
    const possible = new Set(certain);
    if (this.room === 'enough' && !isOver && !this.hasShutDown) certain.add('readyToWrite');
    if (this.room !== 'none' || isOver) possible.add('readyToWrite');
    return { certain, possible };
  }
}
