/** Sends what was handed to it and is still to go out in this turn of the event loop. */
export interface Stager {
  sendStaged(): void;
}

const stagers = new Set<Stager>();
let isListening = false;
let isExiting = false;

/** This one has something to send, until {@link hasNothingStaged}. */
export function hasStaged(stager: Stager): void {
  stagers.add(stager);
  if (isExiting) stager.sendStaged();
  if (isListening) return;
  isListening = true;
  // The turn in which it would have been sent never comes; nor does it for what other listeners of this event write.
  process.on('exit', () => {
    isExiting = true;
    sendAllStaged();
  });
}

export function hasNothingStaged(stager: Stager): void {
  stagers.delete(stager);
}

/** Call before the thread blocks: what was written before goes out first, or its answer could be waited for in vain. */
export function sendAllStaged(): void {
  if (stagers.size === 0) return;
  for (const stager of stagers) stager.sendStaged();
}
