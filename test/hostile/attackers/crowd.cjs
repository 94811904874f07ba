// Connects COUNT times, and keeps all of them without a word.
const { begun, count, openAll } = require('./attack.cjs');
openAll(count, () => undefined, begun);
