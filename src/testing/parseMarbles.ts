import { type ObservableNotification } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { checkInstance, checkString, invalidValue } from '../core/argument';

/** What happens, and when. */
export interface Marble {
  /** In milliseconds, from the start of the diagram. */
  readonly frame: number;
  /** A letter, `|` or `#`. */
  readonly mark: string;
}

/**
 * Reads a diagram in the syntax of `TestScheduler.run`: a character is 1 ms, ` 20ms ` are 20, those in parentheses
 * are at once.
 */
export function parseMarbles(name: string, marbles: string): Marble[] {
  checkString(name, marbles);
  if (/[\^!]/.test(marbles)) throw invalidValue(name, 'must not contain ^ or !', marbles);
  const parsed = TestScheduler.parseMarbles(marbles, undefined, undefined, false, true).map(
    ({ frame, notification }) => ({ frame, mark: markOf(notification) }),
  );
  // A peer that has ended may still reset the connection.
  if (!/^[^|#]*\|?#?$/u.test(parsed.map(({ mark }) => mark).join(''))) {
    throw invalidValue(name, 'must end with | or #, if with any', marbles);
  }
  return parsed;
}

function markOf(notification: ObservableNotification<string>): string {
  if (notification.kind === 'N') return notification.value;
  return notification.kind === 'C' ? '|' : '#';
}

/** @throws TypeError `ERR_INVALID_ARG_*`: no scheduler, or one whose time does not run in milliseconds */
export function checkScheduler(scheduler: TestScheduler): void {
  checkInstance('scheduler', TestScheduler, scheduler);
  if (parseMarbles('marbles', '-a')[0]?.frame !== 1) {
    throw invalidValue('scheduler', 'must be within its run()', scheduler);
  }
}
