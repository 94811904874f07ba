import fc from 'fast-check';
import type { World } from './World';

/** What fast-check gives to steps: the sockets are within the world, beside what the model knows of them. */
interface Model {
  readonly world: World;
}

/** One operation on the world, by numbers that choose what it is done to. */
export type Step = fc.AsyncCommand<Model, null>;

/** What a step of a kind is made of. It happens only where `find` gives something. */
export interface StepKind<Subject> {
  readonly name: string;
  /** What of the world it is done to; null: there is nothing. */
  find(world: World, choice: number): Subject | null;
  /** Does it, and checks that what happens is what the model says. */
  run(world: World, subject: Subject, detail: number): void | Promise<void>;
}

/** Steps of a kind: with random numbers that choose among what is there, and how it is done. */
export function stepsOf<Subject>(kind: StepKind<Subject>): fc.Arbitrary<Step> {
  return fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 8191 })).map(([choice, detail]) => ({
    check: ({ world }) => kind.find(world, choice) !== null,
    run: async ({ world }) => {
      world.steps++;
      await kind.run(world, kind.find(world, choice)!, detail);
    },
    toString: () => `${kind.name}(${choice}, ${detail})`,
  }));
}

/** One of them; null if there are none. */
export function choose<Item>(items: readonly Item[], choice: number): Item | null {
  return items[choice % items.length] ?? null;
}
