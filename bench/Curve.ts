/** How a figure of several contestants depends on something. */
export interface Curve {
  /** Such as `size`: names the file of its plot. */
  readonly name: string;
  readonly title: string;
  /** What the values are of, such as `us for a message`. */
  readonly unit: string;
  /** The places on the axis below, in their order. */
  readonly places: readonly string[];
  /** The values of each contestant, one for each place. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}
