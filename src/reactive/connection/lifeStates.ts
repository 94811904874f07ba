import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: somebody may come and use it
 * - `abandoned`: nobody else will come; it closes when the last who is subscribed has left
 * - `lingering`: our side is ended, what the peer still sends is discarded, and it closes at the peer's end
 * - `windingUp`: nobody is to use it any more; it closes when what was written is sent, whoever is subscribed
 * - `closed`: for good
 */
export type LifeState = 'open' | 'abandoned' | 'lingering' | 'windingUp' | 'closed';

/**
 * - `abandon`: whoever made it is gone
 * - `linger`: nobody has anything to say to the peer any more
 * - `desert`: nobody is to use it any more
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
