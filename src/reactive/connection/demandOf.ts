import { Demand } from '../loop/records';
import type { ReadingHalf } from './ReadingHalf';

/**
 * What is to be watched for.
 *
 * @param half null: nobody has read yet
 * @param isMinded whether the peer's leaving matters even while nobody reads
 */
export function demandOf(half: ReadingHalf | null, isMinded: boolean): number {
  if (half) return half.demand(isMinded);
  return isMinded ? Demand.PeerEnd : Demand.Nothing;
}
