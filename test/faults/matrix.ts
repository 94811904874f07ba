import type { Fault, How } from './Fault';
import { lasting, plausible } from './plausible';

/** How long faults last that do, in milliseconds. */
const LASTING = 150;

/** Every fault of every call that a scenario makes, at the first positions of each. */
export function faultsOf(
  calls: Readonly<Record<string, number>>,
  positions: number,
): readonly Fault[] {
  return Object.entries(calls).flatMap(([call, made]) => {
    const each = (hows: readonly How[], count: Fault['count']) =>
      hows.flatMap((how) =>
        Array.from({ length: Math.min(made, positions) }, (_, skip) => ({
          call,
          how,
          skip,
          count,
        })),
      );
    return [...each(plausible[call] ?? [], 1), ...each(lasting[call] ?? [], `${LASTING}ms`)];
  });
}
