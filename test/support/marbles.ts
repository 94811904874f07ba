import { TestScheduler } from 'rxjs/testing';

/** A test with diagrams, in virtual time. */
export function marbles(test: (scheduler: TestScheduler) => void): () => void {
  return () => {
    const scheduler = new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });
    scheduler.run(() => {
      test(scheduler);
    });
  };
}
