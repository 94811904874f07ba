import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: the peer may send
 * - `peerLeft`: it will send nothing more, and bytes of it may be unread in the system
 * - `draining`: the end is known, and bytes before it wait for a reader
 * - `ended`: all was read, and the end told
 * - `closed`: the connection is closed
 */
export type ReadingState = 'open' | 'peerLeft' | 'draining' | 'ended' | 'closed';

/**
 * - `bytes`: bytes came
 * - `peerLeave`: the peer has left, behind bytes that nobody reads now
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
