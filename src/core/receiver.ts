import type { InspectOptionsStylized } from 'node:util';
import { invalidThis } from './argument';
import { INSPECT } from './inspection';

/** A property of a class that has one, or that a class above it has. */
function descriptorOf(prototype: object, name: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor) return descriptor;
  }
  return undefined;
}

type Method<T> = (this: T, ...given: unknown[]) => unknown;

/**
 * Makes methods and getters of a class refuse a `this` that is not an object of it, such as a Proxy of one. Otherwise
 * the language would miss a private member, with an error that has no code. A Proxy can still be printed.
 *
 * @param what the class, as users call it
 * @param isOwn asks for a private member: no Proxy has one
 */
export function guardReceiver<T extends object>(
  { prototype }: { readonly prototype: T },
  what: string,
  names: readonly (keyof T)[],
  isOwn: (value: T) => boolean,
): void {
  const replace = (name: PropertyKey, instead: Method<T>) => {
    const descriptor = descriptorOf(prototype, name)!;
    const key = descriptor.get ? 'get' : 'value';
    const original = Reflect.get(descriptor, key) as Method<T>;
    const guarded: Method<T> = function (...given) {
      return (isOwn(this) ? original : instead).apply(this, given);
    };
    Object.defineProperty(prototype, name, { ...descriptor, [key]: guarded });
  };
  const refuse = () => {
    throw invalidThis(`a ${what}, and not a Proxy of one`);
  };
  for (const name of names) replace(name, refuse);
  replace(INSPECT, (_depth, options) =>
    (options as InspectOptionsStylized).stylize(`[Proxy of ${what}]`, 'special'),
  );
}
