import type { SecureContextOptions } from 'node:tls';
import type { OptionNames } from '../core/argument';

/** What goes into a TLS context: of `tls.createSecureContext`, with its names and meaning. */
export interface ContextOptions extends NodeContextOptions {
  /** Whether a certificate is believed that is among `ca`, though it is not a root. */
  allowPartialTrustChain?: boolean; // which older types of Node.js do not have
}

type NodeContextOptions = Pick<
  SecureContextOptions,
  | 'ca'
  | 'cert'
  | 'ciphers'
  | 'crl'
  | 'dhparam'
  | 'ecdhCurve'
  | 'honorCipherOrder'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'secureOptions'
  | 'sessionIdContext'
  | 'sessionTimeout'
  | 'sigalgs'
  | 'ticketKeys'
>;

export const CONTEXT_OPTIONS: OptionNames<ContextOptions> = {
  allowPartialTrustChain: true,
  ca: true,
  cert: true,
  ciphers: true,
  crl: true,
  dhparam: true,
  ecdhCurve: true,
  honorCipherOrder: true,
  key: true,
  maxVersion: true,
  minVersion: true,
  passphrase: true,
  pfx: true,
  secureOptions: true,
  sessionIdContext: true,
  sessionTimeout: true,
  sigalgs: true,
  ticketKeys: true,
};
