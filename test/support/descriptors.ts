import { readdirSync } from 'node:fs';

/**
 * How many descriptors the process has open. To be compared with a margin, after many repetitions
 * of what may leak one: Jest opens and closes files, and a collector may close what an earlier test
 * forgot.
 */
export const openDescriptors = () => readdirSync('/dev/fd').length;
