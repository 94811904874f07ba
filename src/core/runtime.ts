/**
 * Whether the event loop is one of libuv's. Bun and Deno have functions of libuv by name as well, but those of Bun end the
 * process, and those of Deno report a descriptor once and never again.
 */
export const hasLibuv = !process.versions.bun && !process.versions['deno'];
