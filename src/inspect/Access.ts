import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Says who may look. @returns the path that is asked for, below the view's own; null: not to be answered */
export type Access = (request: IncomingMessage) => string | null;

/** Whoever can connect may look: the socket file is its owner's alone. */
export const OWNERS_ACCESS: Access = ({ url }) => pathIn(url);

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost'];

/** A secret that nobody guesses, in letters that a URL may have. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Whoever has the token may look, by a browser that was led to this very machine: under any other name of a host the
 * request may come from a page of a stranger, whose name server sends it here (DNS rebinding).
 */
export function tokenAccess(token: string, port: () => number): Access {
  const expected = digestOf(token);
  return ({ url, headers: { host } }) => {
    if (!LOOPBACK_NAMES.some((name) => host === `${name}:${port()}`)) return null;
    const [, given = '', ...rest] = pathIn(url).split('/');
    // Digests are of one length, and comparing them takes the same time whatever was given.
    if (!timingSafeEqual(digestOf(given), expected)) return null;
    return `/${rest.join('/')}`;
  };
}

/** Not by `URL`, which throws for some of what strangers may send. */
function pathIn(url = '/'): string {
  return url.split('?', 1)[0]!;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
