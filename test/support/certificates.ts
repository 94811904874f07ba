import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFile } from './freshPath';

/** A key, and a certificate for it that it has signed itself. */
export interface Identity {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Makes an identity by openssl, which whoever calls has looked for. */
export function makeIdentity(name = 'localhost'): Identity {
  const directory = freshFile();
  mkdirSync(directory);
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2';
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`];
  const args = [...request.split(' '), ...subject, '-keyout', key, '-out', cert];
  const { status, stderr } = spawnSync('openssl', args);
  if (status !== 0) throw new Error(String(stderr));
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
