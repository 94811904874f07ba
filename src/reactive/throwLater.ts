/** Reports a mistake of the program as an uncaught exception, without stopping what is being done for others. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
