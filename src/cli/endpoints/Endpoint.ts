import { UsageError } from '../exitCodes';

/** A place to connect to or to listen at, as it is typed. */
export type Endpoint = NetworkEndpoint | PathEndpoint | { readonly scheme: 'stdio' };

export interface NetworkEndpoint {
  readonly scheme: 'tcp' | 'tls' | 'udp';
  /** Undefined: localhost to connect to, and the loopback to listen at. */
  readonly host: string | undefined;
  readonly port: number;
}

export interface PathEndpoint {
  readonly scheme: 'unix' | 'pipe';
  /** What the library takes: an abstract name begins with a NUL, that of a pipe is whole. */
  readonly path: string;
}

const PIPES = '\\\\.\\pipe\\';
const FORMS = 'tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:PATH, pipe:NAME or -';

/**
 * Reads an endpoint. Without a scheme `HOST:PORT`, `:PORT` and `PORT` are TCP, and what has a slash is a path.
 *
 * @throws UsageError
 */
export function readEndpoint(text: string): Endpoint {
  if (text === '-') return { scheme: 'stdio' };
  const [, scheme, rest] = /^(tcp|tls|udp):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme !== undefined)
    return networkEndpoint(scheme as NetworkEndpoint['scheme'], rest!, text);
  const [, kind, name] = /^(unix|pipe):(.*)$/s.exec(text) ?? [];
  if (kind === 'unix') return unixEndpoint(name!, text);
  if (kind === 'pipe') return pipeEndpoint(name!, text);
  if (text.includes('://')) throw new UsageError(`An endpoint is ${FORMS}: ${text}`);
  return text.includes('/') ? unixEndpoint(text, text) : networkEndpoint('tcp', text, text);
}

function networkEndpoint(
  scheme: NetworkEndpoint['scheme'],
  place: string,
  text: string,
): NetworkEndpoint {
  const [, address, name, digits] = /^(?:\[([^\]]+)\]:|([^:/]*):|)(\d+)\/?$/.exec(place) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new UsageError(`An endpoint is ${FORMS}: ${text}`);
  }
  return { scheme, host: (address ?? name) || undefined, port };
}

function unixEndpoint(name: string, text: string): PathEndpoint {
  const path = name.replace(/^\/\/(?=\/)/, '').replace(/^@/, '\0');
  if (path === '' || path === '\0') throw new UsageError(`unix: lacks its path: ${text}`);
  return { scheme: 'unix', path };
}

function pipeEndpoint(name: string, text: string): PathEndpoint {
  if (process.platform !== 'win32') {
    throw new UsageError(`Named pipes are of Windows; here it is unix:PATH: ${text}`);
  }
  if (name === '') throw new UsageError(`pipe: lacks its name: ${text}`);
  return { scheme: 'pipe', path: name.startsWith(PIPES) ? name : PIPES + name };
}

/** An endpoint as it can be typed. */
export function textOf(endpoint: Endpoint): string {
  switch (endpoint.scheme) {
    case 'stdio':
      return '-';
    case 'unix':
      return `unix:${endpoint.path.replace('\0', '@')}`;
    case 'pipe':
      return `pipe:${endpoint.path.slice(PIPES.length)}`;
    default:
      return `${endpoint.scheme}://${placeText(endpoint.host ?? 'localhost', endpoint.port)}`;
  }
}

/** A host and a port, that of IPv6 in brackets. */
export function placeText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
