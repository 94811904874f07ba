import { capabilities } from 'bipoll';

/** Windows has no signals, socket files or descriptors; its local sockets are named pipes. */
export const isWindows = process.platform === 'win32';

/** Not where the test double of kqueue stands for another system. */
export const isLinux = capabilities().backends.includes('epoll');

/** What it does otherwise than Windows. */
export const isWine = isWindows && 'WINEPREFIX' in process.env;

/** A sanitizer keeps freed memory for a while, so under it the growth of memory says nothing. */
export const isSanitized = 'ASAN_OPTIONS' in process.env;

type Test = (name: string, run: jest.ProvidesCallback, timeout?: number) => void;
type Describe = (name: string, run: jest.EmptyFunction) => void;

/** Tests of what only some systems have: elsewhere they are skipped, and say why. */
export function testWhere(holds: boolean, reason: string): Test {
  return holds
    ? test
    : (name) => {
        test.skip(`${name} (skipped: ${reason})`, () => undefined);
      };
}

/** Likewise for a group of them. */
export function describeWhere(holds: boolean, reason: string): Describe {
  return holds
    ? describe
    : (name) => {
        describe(name, () => {
          test.skip(`skipped: ${reason}`, () => undefined);
        });
      };
}
