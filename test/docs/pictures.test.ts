import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marbleScheduler } from '../testing/marbles';
import { draw } from './pictures/draw';
import { gallery } from './pictures/gallery';
import type { Picture, Row } from './pictures/Picture';

const FOLDER = join(__dirname, '../../docs/pictures');

/** The rows of a picture, and which of them the test has not asked for. */
function watched({ rows }: Picture): { rows: Record<string, Row>; unused: Set<string> } {
  const unused = new Set(Object.keys(rows).filter((name) => !('operator' in rows[name]!)));
  const get = (_: unknown, name: string) => {
    unused.delete(name);
    return rows[name];
  };
  return { rows: new Proxy<Record<string, Row>>(rows, { get }), unused };
}

describe.each(gallery.map((picture) => [picture.name, picture] as const))('%s', (name, picture) => {
  test('happens as it is drawn', () => {
    const { rows, unused } = watched(picture);
    const scheduler = marbleScheduler();
    scheduler.run((expecting) => {
      picture.run(rows, scheduler, expecting);
    });
    expect([...unused]).toEqual([]);
  });

  test('is drawn as it happens: else `npm run docs:pictures`', () => {
    expect(readFileSync(join(FOLDER, `${name}.svg`), 'utf8')).toBe(draw(picture));
  });
});

test('every picture is on the page of pictures, with what it shows', () => {
  const page = readFileSync(join(FOLDER, '../reference/pictures.md'), 'utf8').replace(/\s+/g, ' ');
  for (const { name, title } of gallery) {
    expect(page).toContain(`../pictures/${name}.svg`);
    expect(page).toContain(title);
  }
  const names = gallery.map(({ name }) => `${name}.svg`);
  expect(readdirSync(FOLDER).sort()).toEqual(names.sort());
});
