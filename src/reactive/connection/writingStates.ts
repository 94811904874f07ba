import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: more may be written
 * - `ending`: `end()` was called; what was written before is on its way
 * - `ended`: the peer has been told our end
 * - `failed`: nothing more can be sent, but what the peer sent before it left can still be read
 * - `closed`: the connection is closed
 */
export type WritingState = 'open' | 'ending' | 'ended' | 'failed' | 'closed';

/**
 * - `write`: a chunk is to be sent
 * - `sent`: the system has taken bytes
 * - `end`: nothing more will be written
 * - `told`: the system has taken our end
 * - `fail`: the system refused bytes
 * - `close`: the connection closes
 */
export type WritingEvent = 'write' | 'sent' | 'end' | 'told' | 'fail' | 'close';

export const writingTransitions: Transitions<WritingState, WritingEvent> = {
  open: {
    write: 'open',
    sent: 'open',
    end: 'ending',
    told: REFUSED,
    fail: 'failed',
    close: 'closed',
  },
  ending: {
    write: REFUSED,
    sent: 'ending',
    end: REFUSED,
    told: 'ended',
    fail: 'failed',
    close: 'closed',
  },
  ended: {
    write: REFUSED,
    sent: REFUSED,
    end: REFUSED,
    told: REFUSED,
    fail: REFUSED,
    close: 'closed',
  },
  failed: {
    write: REFUSED,
    sent: REFUSED,
    end: REFUSED,
    told: REFUSED,
    fail: REFUSED,
    close: 'closed',
  },
  closed: {
    write: REFUSED,
    sent: REFUSED,
    end: REFUSED,
    told: REFUSED,
    fail: REFUSED,
    close: REFUSED,
  },
};
