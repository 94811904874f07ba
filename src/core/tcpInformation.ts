import { socketError, type Where } from './errors';
import { native, type Token } from './native';

/** In a millisecond. */
const MICROSECONDS = 1000;

/** What the system knows of a TCP connection at a moment; null: this system does not tell. */
export interface TcpInformation {
  /** Milliseconds, with fractions, from a byte to its acknowledgement, smoothed; null as well before the first. */
  roundTripTime: number | null;
  /** By how many milliseconds that varies (Linux, macOS, FreeBSD). */
  roundTripTimeVariation: number | null;
  /** How many segments were sent again since the beginning (Linux, macOS, FreeBSD). */
  retransmissions: number | null;
  /** Bytes that were written and that the peer's system has not acknowledged yet (Linux, macOS, FreeBSD). */
  unacknowledgedBytes: number | null;
  /** How many of them were never sent (Linux). */
  unsentBytes: number | null;
  /** How many bytes may be on their way at a time. */
  congestionWindow: number | null;
  /** How many bytes a segment carries at most. */
  segmentSize: number | null;
  /** Bytes that may wait to be read, as the system counts them: Linux twice what `receiveBufferSize` says. */
  receiveBufferSize: number | null;
  /** Bytes that may wait to be sent or acknowledged, likewise. */
  sendBufferSize: number | null;
}

export function tcpInformationOf(token: Token, where: Where): TcpInformation {
  const found = native.tcpInformation(token);
  if (typeof found === 'number') throw socketError(found, 'getsockopt', where);
  const told = (index: number, unit = 1) => (found[index]! < 0 ? null : found[index]! / unit);
  return {
    roundTripTime: told(0, MICROSECONDS),
    roundTripTimeVariation: told(1, MICROSECONDS),
    retransmissions: told(2),
    unacknowledgedBytes: told(3),
    unsentBytes: told(4),
    congestionWindow: told(5),
    segmentSize: told(6),
    receiveBufferSize: told(7),
    sendBufferSize: told(8),
  };
}
