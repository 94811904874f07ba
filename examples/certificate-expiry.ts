// Says how long the certificates of many hosts are still good, the most urgent first; with --every, again and again.
//
//   npx tsx examples/certificate-expiry.ts --warn 30 example.org example.com:8443
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectTls, type PlainTlsOptions, sleep } from 'bipoll/sync';
import { misused } from './arguments';

const DAY = 24 * 60 * 60 * 1000;

export interface Finding {
  host: string;
  /** Whole days until the certificate expires, negative afterwards; null: there is none to be seen. */
  days: number | null;
  /** Why the host or its certificate is not to be trusted; null if it is. */
  problem: string | null;
}

/** Looks at the certificate of a host, `example.org` or `example.org:8443`, whether or not it can be believed. */
export function look(host: string, options: PlainTlsOptions = {}): Finding {
  const [name = '', port = '443'] = host.split(':');
  try {
    const limit = { timeout: 5000, rejectUnauthorized: false };
    using socket = connectTls({ host: name, port: Number(port) }, { ...options, ...limit });
    const { peerCertificate, authorizationError } = socket;
    const left = peerCertificate && Date.parse(peerCertificate.valid_to) - Date.now();
    const problem = authorizationError && codeOf(authorizationError);
    return { host, days: left && Math.floor(left / DAY), problem };
  } catch (error) {
    return { host, days: null, problem: codeOf(error as Error) };
  }
}

function codeOf(error: Error & { code?: string }): string {
  return error.code ?? error.message;
}

/** Those that want attention first: unreachable ones, then by what is left. */
export function byUrgency(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((one, other) => (one.days ?? -Infinity) - (other.days ?? -Infinity));
}

function main(): void {
  const { values, positionals: hosts } = parseArgs({
    allowPositionals: true,
    options: {
      warn: { type: 'string', default: '14' }, // days
      every: { type: 'string' }, // hours
      ca: { type: 'string' }, // an authority of your own, in PEM
    },
  });
  if (hosts.length === 0) {
    misused('certificate-expiry [--warn DAYS] [--every HOURS] [--ca FILE] HOST[:PORT]...');
  }
  const trust = values.ca === undefined ? {} : { ca: readFileSync(values.ca) };
  for (;;) {
    const findings = byUrgency(hosts.map((host) => look(host, trust)));
    for (const { host, days, problem } of findings) {
      const isUrgent = problem !== null || days === null || days < Number(values.warn);
      console.log(
        `${isUrgent ? '!' : ' '} ${host}: ${days ?? 'no'} days ${problem ?? ''}`.trimEnd(),
      );
      if (isUrgent) process.exitCode = 1;
    }
    if (values.every === undefined) break;
    sleep((Number(values.every) * DAY) / 24);
  }
}

if (require.main === module) main();
