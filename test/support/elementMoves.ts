const MOVING = ['shift', 'unshift', 'splice', 'slice', 'copyWithin'] as const;

/** How many elements the methods of arrays may have moved during some work: that of linear work is linear. */
export function elementMoves(work: () => void): number {
  let moves = 0;
  const spies = MOVING.map((name) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is bound by the call below
    const original = Array.prototype[name] as (...args: unknown[]) => unknown;
    return jest.spyOn(Array.prototype, name).mockImplementation(function (
      this: unknown[],
      ...args: unknown[]
    ) {
      moves += this.length;
      return original.apply(this, args) as never;
    });
  });
  try {
    work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return moves;
}
