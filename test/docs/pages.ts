import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '../..');

/** The pages of the site that are written by hand, from the root of the repository. */
export function pages(folder = join(ROOT, 'docs')): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    // `api` is written by TypeDoc, `.vitepress` belongs to the site's builder.
    if (entry.isDirectory()) return ['api', '.vitepress'].includes(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') ? [relative(ROOT, path).replaceAll('\\', '/')] : [];
  });
}
