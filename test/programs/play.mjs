// `play.mjs TITLE` compares one program, and fails with the difference. `play.mjs` lists all as JSON, with what they need.
import { compare } from './compare.mjs';
import { programs } from './index.mjs';

const [title] = process.argv.slice(2);
if (title === undefined) {
  const needs = Object.entries(programs).map(([title, { needs = null }]) => ({ title, needs }));
  console.log(JSON.stringify(needs));
} else {
  await compare(programs[title]);
  process.exit(); // some programs keep timers for long
}
