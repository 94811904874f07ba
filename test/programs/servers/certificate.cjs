const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { run } = require('./running.cjs');

/** A key, and a certificate for `localhost` that it has signed itself: `{ key, cert }`. */
exports.certificate = () => {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-tls-'));
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => join(directory, name));
  run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]);
  const [key, cert] = [keyFile, certFile].map((file) => readFileSync(file));
  rmSync(directory, { recursive: true });
  return { key, cert };
};
