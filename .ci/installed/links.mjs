// What the README of an installed package links to is in that package: links.mjs PACKAGE.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
const readme = readFileSync(join(directory, 'README.md'), 'utf8');
const links = [...readme.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link);
const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(directory, link)));
if (dead.length > 0) {
  console.error(`The README links to what the package has not: ${dead.join(', ')}`);
  process.exit(1);
}
