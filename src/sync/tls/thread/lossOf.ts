import type { Loss } from '../letters';

/** What of an error is sent to the caller's thread. */
export function lossOf(error: unknown): Loss {
  const { message, stack, ...details } = { ...(error as Error), message: (error as Error).message };
  const { code, syscall } = details as { code?: unknown; syscall?: unknown };
  if (typeof code === 'string' && typeof syscall === 'string') {
    return { kind: 'system', code, syscall };
  }
  return { kind: 'tls', message, details: textsOf(details) };
}

/** Others, such as the certificate of an ERR_TLS_CERT_ALTNAME_INVALID, may be of a kind that cannot be sent. */
function textsOf(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).filter(([, value]) => typeof value === 'string'),
  );
}
