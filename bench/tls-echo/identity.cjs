// Where the key and the certificate of the servers are: a directory that the bench has made.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [key, cert] = ['key.pem', 'cert.pem'].map((name) =>
  readFileSync(join(process.env.BENCH_IDENTITY, name)),
);
exports.identity = { key, cert };
