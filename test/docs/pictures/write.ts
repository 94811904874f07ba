// Draws the pictures of the documentation: `npm run docs:pictures`, after a diagram has changed. A test compares.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { draw } from './draw';
import { gallery } from './gallery';

for (const picture of gallery) {
  writeFileSync(join(__dirname, '../../../docs/pictures', `${picture.name}.svg`), draw(picture));
}
