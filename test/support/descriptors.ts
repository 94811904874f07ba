import { readdirSync } from 'node:fs';
import { isWindows } from './where';

/** Not on Windows, where Node cannot tell how many handles there are; test_pipes.c counts them. */
export const canCountDescriptors = !isWindows;

/**
 * How many descriptors the process has open. To be compared with a margin, after many repetitions
 * of what may leak one: Jest opens and closes files, and a collector may close what an earlier test
 * forgot.
 */
export const openDescriptors = () => readdirSync('/dev/fd').length;
