import { placeOf, TimeoutError, type Where } from '../../core/errors';

/** A time of a connection ran out: `connection ETIMEDOUT 127.0.0.1:7000: nothing moved for 500 ms`. */
export function timedOut(peer: Where, what: string): TimeoutError {
  return new TimeoutError(`connection ETIMEDOUT${placeOf(peer)}: ${what}`, peer);
}
