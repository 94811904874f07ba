import type { Fault } from './Fault';
import type { Outcome } from './outcome';

/** What a child process is asked to play. */
export interface Play {
  /** The scenario's name. */
  readonly scenario: string;
  /** Null: none, to see that all is well and which calls are made. */
  readonly fault: Fault | null;
  /** Milliseconds after which a step of the scenario hangs. */
  readonly patience: number;
}

/** What it answers. */
export interface Played {
  readonly outcome: Outcome;
  /** How often the addon has made each call. */
  readonly calls: Readonly<Record<string, number>>;
}
