/** `npm run bench -- --trial`: all of it once and briefly, to see that it works. What it measures then means nothing. */
export const isTrial = process.argv.includes('--trial');

/** How often everything is measured. */
export function rounds(usual: number): number {
  return isTrial ? 1 : usual;
}

/** How many messages, connections or calls one measurement takes. */
export function times(usual: number): number {
  return isTrial ? Math.ceil(usual / 100) : usual;
}
