import { AsyncLocalStorage } from 'node:async_hooks';

/** Says in whose name something happens. */
const names = new AsyncLocalStorage<string>();

/** Does something in a name, as a program does in that of a user or of a request. */
export function as<T>(name: string, work: () => T): T {
  return names.run(name, work);
}

/** Takes a name for the rest of what is going on. */
export function become(name: string): void {
  names.enterWith(name);
}

/** In whose name this is called. */
export const whose = (): string | undefined => names.getStore();

/** The first name that something is done in, in the name of a maker. */
export function seen(
  maker: string,
  start: (see: () => void, reject: (error: unknown) => void) => void,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    as(maker, () => {
      start(() => {
        resolve(whose());
      }, reject);
    });
  });
}
