import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: anybody may use it
 * - `abandoned`: its maker is gone; it closes when the last subscriber leaves
 * - `lingering`: our side is ended; what the peer still sends is discarded; it closes at the peer's end
 * - `windingUp`: nobody may use it any more; it closes once what was written is sent
 * - `closed`: for good
 */
export type LifeState = 'open' | 'abandoned' | 'lingering' | 'windingUp' | 'closed';

/**
 * - `abandon`: its maker is gone
 * - `linger`: we have nothing more to send
 * - `desert`: its last user has left
 * - `close`: it closes
 */
export type LifeEvent = 'abandon' | 'linger' | 'desert' | 'close';

export const lifeTransitions: Transitions<LifeState, LifeEvent> = {
  open: { abandon: 'abandoned', linger: 'lingering', desert: 'windingUp', close: 'closed' },
  abandoned: { abandon: REFUSED, linger: 'lingering', desert: 'windingUp', close: 'closed' },
  lingering: { abandon: REFUSED, linger: REFUSED, desert: 'windingUp', close: 'closed' },
  windingUp: { abandon: REFUSED, linger: REFUSED, desert: REFUSED, close: 'closed' },
  closed: { abandon: REFUSED, linger: REFUSED, desert: REFUSED, close: REFUSED },
};
