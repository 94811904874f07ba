/**
 * Whether the event loop is libuv's. Bun and Deno export libuv's functions too, but Bun's end the process, and Deno's
 * report a descriptor once and never again.
 */
export const hasLibuv = !process.versions.bun && !process.versions['deno'];
