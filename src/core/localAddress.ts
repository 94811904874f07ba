import { native, type NativeAddress, type Token } from './native';

/** Where a socket is bound; null: the system does not tell. */
export function localAddressOf(token: Token): NativeAddress | null {
  const found = native.localAddress(token);
  return typeof found === 'number' ? null : found;
}
