import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './pages';

const ROOT = join(__dirname, '../..');
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

const sources = [
  ...readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name)),
  'binding.js',
].map(read);

/** What the sources name, by a pattern with one group. */
function namesIn(pattern: RegExp): string[] {
  const found = sources.flatMap((text) => Array.from(text.matchAll(pattern), ([, name]) => name!));
  return [...new Set(found)].sort();
}

function missingOn(page: string, names: readonly string[]): string[] {
  expect(names.length).toBeGreaterThan(2);
  const text = read(page);
  return names.filter((name) => !text.includes(`\`${name}\``));
}

test('every code of an error of the library is on the page of errors', () => {
  expect(missingOn('docs/reference/errors.md', namesIn(/'(ERR_[A-Z_]+|ABORT_ERR)'/g))).toEqual([]);
});

test('every diagnostics channel is on the page of channels', () => {
  const names = namesIn(/channelOf<\w+>\(\s*'([\w:]+)'/g);
  expect(missingOn('docs/reference/channels.md', names)).toEqual([]);
});

test('every environment variable and every warning is on the page of the environment', () => {
  const names = namesIn(/(?:code: '|env\['|env\.)(BIPOLL_\w+)/g);
  expect(missingOn('docs/reference/environment.md', names)).toEqual([]);
});

test('every page is in the navigation', () => {
  // A module of ES, which Jest does not load: so another process does.
  const print = `import('./docs/.vitepress/sidebar.mjs').then(({ sidebar }) =>
    console.log(JSON.stringify(sidebar.flatMap(({ items }) => items.map(({ link }) => link)))))`;
  const output = execFileSync(process.execPath, ['--eval', print], { cwd: ROOT, encoding: 'utf8' });
  const linked = JSON.parse(output) as string[];
  const missing = pages()
    .map((page) => page.slice('docs'.length, -'.md'.length))
    .filter((page) => page !== '/index' && !linked.includes(page));
  expect(missing).toEqual([]);
  expect(linked.length).toBeGreaterThan(30);
});

test('every file of the repository that a page names exists', () => {
  const missing = pages().flatMap((page) =>
    [...read(page).matchAll(/`((?:examples|test|src|bench)\/[\w./-]+|[A-Z]+\.md)`/g)]
      .map(([, path]) => path!)
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});
