import type fc from 'fast-check';
import { type Step, type StepKind, stepsOf } from '../Step';
import { bytes } from './bytes';
import { ending } from './ending';
import { observables } from './observables';
import { opening } from './opening';
import { passing } from './passing';
import { watching } from './watching';

const kinds = [...opening, ...bytes, ...ending, ...watching, ...passing, ...observables];

/** How often each kind of step is taken; one that is not named: once. */
const weights: Readonly<Record<string, number>> = {
  connect: 3,
  accept: 4,
  monitor: 5,
  look: 5,
  read: 5,
  write: 6,
};

/** Steps of every kind, as arbitraries for `fc.commands`. */
export const steps: fc.Arbitrary<Step>[] = kinds.flatMap((kind) =>
  Array<fc.Arbitrary<Step>>(weights[kind.name] ?? 1).fill(stepsOf(kind as StepKind<unknown>)),
);
