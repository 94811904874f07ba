import { inspect } from 'node:util';
import { from, type Observable, type ObservableInput } from 'rxjs';

/**
 * What a function of the program returned, as an Observable.
 *
 * @param name that of the function
 * @throws TypeError `ERR_INVALID_RETURN_VALUE`
 */
export function resultOf<T>(name: string, result: ObservableInput<T>): Observable<T> {
  try {
    return from(result);
  } catch {
    const error = new TypeError(
      `The "${name}" function must return an Observable, a promise or an iterable. Received ${inspect(result)}`,
    );
    throw Object.assign(error, { code: 'ERR_INVALID_RETURN_VALUE' });
  }
}
