/** Milliseconds for what must happen, on however busy a machine: only what is broken takes so long. */
export const PATIENCE = 60_000;
