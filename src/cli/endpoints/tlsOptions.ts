import { readFileSync } from 'node:fs';
import { flag, type ValueOption } from '../arguments/Option';
import { UsageError } from '../exitCodes';

/** @param what the file must have */
function pemOption(description: string, what: 'certificate' | 'private key'): ValueOption<Buffer> {
  const begin = new RegExp(`-----BEGIN [\\w ]*${what.toUpperCase()}-----`);
  return {
    kind: 'value',
    placeholder: 'FILE',
    description,
    isFile: true,
    read(path, name) {
      const pem = contentOf(path, name);
      if (begin.test(pem.toString('latin1'))) return pem;
      throw new UsageError(`${name}: there is no ${what} in PEM in ${path}`);
    },
  };
}

function contentOf(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

const identity = {
  cert: pemOption('our certificate, PEM', 'certificate'),
  key: pemOption('the key of our certificate, PEM', 'private key'),
};

const protocols: ValueOption<string[]> = {
  kind: 'value',
  placeholder: 'NAMES',
  description: 'protocols to agree on (ALPN), the preferred first: h2,http/1.1',
  read: (text) => text.split(','),
};

/** Of a command that connects. */
export const TLS_CLIENT_OPTIONS = {
  ca: pemOption('whom to believe instead of the well-known authorities, PEM', 'certificate'),
  servername: {
    kind: 'value',
    placeholder: 'NAME',
    description: 'whom the certificate is to be for, if not the host of TARGET',
    read: (text) => text,
  } satisfies ValueOption<string>,
  insecure: flag('believe any certificate'),
  alpn: protocols,
  ...identity,
};

/** Of a command that listens. */
export const TLS_SERVER_OPTIONS = { ...identity, alpn: protocols };

/** What was given of either. */
export interface TlsValues {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly alpn?: string[] | undefined;
  readonly servername?: string | undefined;
  readonly insecure?: boolean;
}

/** The same as the library names it. An option that is undefined is not given. */
export function tlsOptionsOf({ ca, cert, key, alpn, servername, insecure }: TlsValues) {
  const given = { ca, cert, key, ALPNProtocols: alpn, servername };
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
      [Name in keyof typeof given]?: NonNullable<(typeof given)[Name]>;
    }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
}
