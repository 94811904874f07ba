/** This machine alone. */
export const LOOPBACK_IPV4 = '127.0.0.1';
/** Every interface. */
export const ANY_IPV4 = '0.0.0.0';
/** This machine alone. */
export const LOOPBACK_IPV6 = '::1';
/** Every interface, and IPv4 too unless `ipv6Only` is set. */
export const ANY_IPV6 = '::';

/** Milliseconds that one address of several is tried alone, as RFC 8305 recommends. @internal */
export const ATTEMPT_DELAY = 250;
