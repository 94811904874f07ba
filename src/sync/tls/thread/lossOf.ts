import type { Loss } from '../letters';

/** The part of an error that is sent to the caller's thread. */
export function lossOf(error: Error): Loss {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined) return { kind: 'system', code, syscall };
  return { kind: 'tls', message: error.message.trim(), details: textsOf(error) };
}

/** The same for an error before the handshake, which only the options can have caused. Some of these have no code. */
export function lossOfOptions(error: Error): Loss {
  const details = { code: 'ERR_INVALID_ARG_VALUE', ...textsOf(error) };
  return { kind: 'tls', message: error.message.trim(), details };
}

/** Others, such as the certificate of an ERR_TLS_CERT_ALTNAME_INVALID, may be of a kind that cannot be sent. */
function textsOf(error: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value === 'string'));
}
