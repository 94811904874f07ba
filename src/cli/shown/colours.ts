const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  cyan: [36, 39],
} as const;

/** Text in a colour or style. */
export type Paint = (text: string) => string;
export type Palette = Readonly<Record<keyof typeof CODES, Paint>>;

/** Paints for a stream: colours for a terminal that has them, where NO_COLOR does not forbid it. */
export function paletteFor(stream: NodeJS.WriteStream): Palette {
  // Only a terminal has hasColors, which knows NO_COLOR, FORCE_COLOR and TERM.
  const inColour = stream.isTTY && stream.hasColors();
  const paint = ([on, off]: readonly [number, number]): Paint =>
    inColour ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : (text) => text;
  return Object.fromEntries(
    Object.entries(CODES).map(([name, codes]) => [name, paint(codes)]),
  ) as Palette;
}
