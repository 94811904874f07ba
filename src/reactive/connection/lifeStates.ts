import { REFUSED, type Transitions } from './transitions';

/**
 * - `open`: somebody may come and use it
 * - `abandoned`: nobody else will come; it closes when the last who is subscribed has left
 * - `windingUp`: nobody is to use it any more; it closes when what was written is sent, whoever is subscribed
 * - `closed`: for good
 */
export type LifeState = 'open' | 'abandoned' | 'windingUp' | 'closed';

/**
 * - `abandon`: whoever made it is gone
 * - `desert`: nobody is to use it any more
 * - `close`: it closes
 */
export type LifeEvent = 'abandon' | 'desert' | 'close';

export const lifeTransitions: Transitions<LifeState, LifeEvent> = {
  open: { abandon: 'abandoned', desert: 'windingUp', close: 'closed' },
  abandoned: { abandon: REFUSED, desert: 'windingUp', close: 'closed' },
  windingUp: { abandon: REFUSED, desert: REFUSED, close: 'closed' },
  closed: { abandon: REFUSED, desert: REFUSED, close: REFUSED },
};
