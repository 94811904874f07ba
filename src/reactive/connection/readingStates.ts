import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: the peer may send
 * - `peerLeft`: the peer will send nothing more, and some of its bytes may be unread in the system
 * - `draining`: the end has been reported, and bytes before it wait for a reader
 * - `ended`: everything including the end has been delivered
 * - `closed`: the connection is closed
 */
export type ReadingState = 'open' | 'peerLeft' | 'draining' | 'ended' | 'closed';

/**
 * - `bytes`: bytes arrived
 * - `peerLeave`: the peer has left, after bytes that nobody reads at the moment
 * - `end`: no more bytes will come
 * - `drain`: nothing is left to read
 * - `close`: the connection closes
 */
export type ReadingEvent = 'bytes' | 'peerLeave' | 'end' | 'drain' | 'close';

export const readingTransitions: Transitions<ReadingState, ReadingEvent> = {
  open: {
    bytes: 'open',
    peerLeave: 'peerLeft',
    end: 'draining',
    drain: REFUSED,
    close: 'closed',
  },
  peerLeft: {
    bytes: 'peerLeft',
    peerLeave: REFUSED,
    end: 'draining',
    drain: REFUSED,
    close: 'closed',
  },
  draining: {
    bytes: REFUSED,
    peerLeave: REFUSED,
    end: REFUSED,
    drain: 'ended',
    close: 'closed',
  },
  ended: {
    bytes: REFUSED,
    peerLeave: REFUSED,
    end: REFUSED,
    drain: REFUSED,
    close: 'closed',
  },
  closed: {
    bytes: REFUSED,
    peerLeave: REFUSED,
    end: REFUSED,
    drain: REFUSED,
    close: REFUSED,
  },
};
