import type { TestScheduler } from 'rxjs/testing';

/** What `TestScheduler.run` gives to a test. */
export type Expecting = Parameters<Parameters<TestScheduler['run']>[0]>[0];

/** What happens over time: `marbles` as in a test, and what its letters are to show, if not themselves. */
export interface Events {
  readonly says: string;
  readonly marbles: string;
  readonly shows?: Readonly<Record<string, string>>;
}

/** When something lasts, as `expectSubscriptions` has it. */
export interface Stretches {
  readonly says: string;
  readonly stretches: readonly string[];
}

/** A box between the rows: what is done to the upper ones to get the lower ones. */
export interface Operator {
  readonly operator: string;
}

export type Row = Events | Stretches | Operator;

/** A picture of diagrams, and the test that runs them. */
export interface Picture<Rows extends Readonly<Record<string, Row>> = Record<string, Row>> {
  /** Names its file. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  /** From top to bottom. */
  readonly rows: Rows;
  /** Uses every row but the boxes, in what happens or in what is expected. */
  run(rows: Rows, scheduler: TestScheduler, expecting: Expecting): void;
}

/** Gives the rows of a picture their types. */
export function picture<const Rows extends Readonly<Record<string, Row>>>(
  drawn: Picture<Rows>,
): Picture {
  return drawn;
}
