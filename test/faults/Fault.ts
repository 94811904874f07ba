/** How a call goes wrong: by an error, by its name; by transferring one byte; or by taking its time. */
export type How = 'short' | 'late' | `E${string}`;

/** One fault: what library/faults.c is told. */
export interface Fault {
  /** The function of the C library, as library/calls.h names it. */
  readonly call: string;
  readonly how: How;
  /** How many of these calls succeed before. */
  readonly skip: number;
  /** How many have the fault; or for how long all of them have it. */
  readonly count: number | `${number}ms`;
}

export function nameOf({ call, how, skip, count }: Fault): string {
  const lasting = typeof count === 'string' ? ` for ${count}` : '';
  return `${how} of ${call} number ${skip + 1}${lasting}`;
}
