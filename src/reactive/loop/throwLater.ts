/** Throws what a callback threw, but outside of the batch: one watch's mistake must not cost the others their records. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
