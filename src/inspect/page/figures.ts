import { bytesText, rateText } from './amounts';
import type { Model } from './Model';

/** Counters and rates, as pairs of a name and a text. */
export function figuresOf({ totals, rates }: Model): [name: string, text: string][] {
  if (!totals) return [];
  return [
    ['opened', `${totals.opened}, ${rateText(rates.opened)}/s`],
    ['closed', String(totals.closed)],
    ['failed', String(totals.failed)],
    ['refused', String(totals.refused)],
    [
      'in',
      `${bytesText(totals.bytesIn)}, ${bytesText(rates.bytesIn)}/s, ${rateText(rates.chunksIn)} chunks/s`,
    ],
    [
      'out',
      `${bytesText(totals.bytesOut)}, ${bytesText(rates.bytesOut)}/s, ${rateText(rates.chunksOut)} chunks/s`,
    ],
  ];
}

/** What is not shown, as there is too much; null: all is. */
export function noticeOf({ hidden, rates, lanes }: Model): string | null {
  const parts = [
    ...(rates.leftOut > 0
      ? [`${rateText(rates.leftOut)} marks a second are left out of the time line`]
      : []),
    ...(hidden > 0 ? [`${hidden} open connections are not among the ${lanes.size} below`] : []),
  ];
  return parts.length === 0
    ? null
    : `This is a sample: ${parts.join(', and ')}. The figures count all.`;
}
