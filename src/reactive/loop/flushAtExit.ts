/** Loops that may have something to send. */
const loops = new Set<{ flush(): void }>();
let isListening = false;

/**
 * Has a loop flushed when the process exits, by `process.exit()` or an uncaught error: what was written is not lost
 * because the turn in which it would have been sent never comes.
 */
export function flushAtExit(loop: { flush(): void }): void {
  loops.add(loop);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    for (const each of loops) each.flush();
  });
}

/** It is closed. */
export function noLongerFlushAtExit(loop: { flush(): void }): void {
  loops.delete(loop);
}
