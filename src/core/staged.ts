/** Has bytes staged, to be sent at the end of this turn of the event loop. */
export interface Stager {
  sendStaged(): void;
}

const stagers = new Set<Stager>();
let isListening = false;
let isExiting = false;

/** Registers a sender that has something staged, until {@link hasNothingStaged}. */
export function hasStaged(stager: Stager): void {
  stagers.add(stager);
  if (isExiting) stager.sendStaged();
  if (isListening) return;
  isListening = true;
  // On exit the end of the turn never comes, nor does it for what other listeners of this event write.
  process.on('exit', () => {
    isExiting = true;
    sendAllStaged();
  });
}

export function hasNothingStaged(stager: Stager): void {
  stagers.delete(stager);
}

/**
 * Call before the thread blocks: earlier writes must go out first, or the thread could wait in vain for their answer.
 */
export function sendAllStaged(): void {
  if (stagers.size === 0) return;
  for (const stager of stagers) stager.sendStaged();
}
