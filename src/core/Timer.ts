import { orThrow } from './errors';
import { bitOf } from './events';
import { native, type Token } from './native';
import { Socket } from './Socket';

const EXPIRED = bitOf('expired');

/**
 * A clock to be waited for together with sockets. It takes no descriptor. Waits look at each timer that they are for, so
 * a few of them cost nothing, and thousands do.
 */
export class Timer extends Socket {
  override readonly possibleEvents = EXPIRED;

  /** @internal */
  constructor(token: Token) {
    super(token, 'timer');
  }

  /** Whether it has expired since `take()` was called last. */
  expired(): boolean {
    return this.holds(EXPIRED);
  }

  /**
   * Takes the expirations, after which `expired` no longer holds until the next.
   *
   * @returns how many: 0 if there was none; more than 1 if an interval passed several times since the last call
   */
  take(): number {
    return orThrow(native.takeExpirations(this.token), 'take');
  }

  /** @internal */
  protected override description(): { state: string } {
    if (this.closed) return { state: 'closed' };
    return { state: this.expired() ? 'expired' : 'running' };
  }
}
