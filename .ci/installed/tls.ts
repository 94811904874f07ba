// The thread of blocking TLS, which a bundle or an executable must bring along.
import assert from 'node:assert/strict';
import { capabilities, socketPair } from 'bipoll';
import { startTls, writeAll } from 'bipoll/sync';

/** Shakes hands with a peer that speaks no TLS: it is the thread that says so. */
export function startTlsInItsThread(): void {
  if (!capabilities().features.descriptorPassing) return;
  const [left, right] = socketPair();
  writeAll(right, '220 mail.example.org\r\n', { timeout: 5000 });
  assert.throws(() => startTls(left, { servername: 'mail.example.org', timeout: 5000 }), {
    code: 'ERR_SSL_WRONG_VERSION_NUMBER',
  });
  right.close();
}
