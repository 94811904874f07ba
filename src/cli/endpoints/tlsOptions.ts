import { readFileSync } from 'node:fs';
import { flag, type ValueOption } from '../arguments/Option';
import { UsageError } from '../exitCodes';

function fileOption(description: string): ValueOption<Buffer> {
  return {
    kind: 'value',
    placeholder: 'FILE',
    description,
    isFile: true,
    read(path, name) {
      try {
        return readFileSync(path);
      } catch (error) {
        throw new UsageError(`${name}: ${(error as Error).message}`);
      }
    },
  };
}

const identity = {
  cert: fileOption('our certificate, PEM'),
  key: fileOption('the key of our certificate, PEM'),
};

const protocols: ValueOption<string[]> = {
  kind: 'value',
  placeholder: 'NAMES',
  description: 'protocols to agree on (ALPN), the preferred first: h2,http/1.1',
  read: (text) => text.split(','),
};

/** Of a command that connects. */
export const TLS_CLIENT_OPTIONS = {
  ca: fileOption('whom to believe instead of the well-known authorities, PEM'),
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
