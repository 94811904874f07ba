/** A conversation that is played while one call of it has a fault. */
export interface Scenario {
  readonly family: string;
  /** Over what, and on what. */
  readonly variant: string;
  /**
   * Plays it to its end, and leaves nothing open.
   *
   * @param patience milliseconds after which a step of it hangs
   * @throws what the library says of the fault; `Broken` for what it should not have let happen
   */
  play(patience: number): void | Promise<void>;
}

export function nameOf({ family, variant }: Scenario): string {
  return variant === '' ? family : `${family}: ${variant}`;
}
