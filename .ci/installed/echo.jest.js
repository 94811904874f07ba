const { expect, test } = require('@jest/globals');
const { echoInBothStyles } = require('../commonjs/echo.js');

test('echoes', async () => {
  expect(await echoInBothStyles()).toBe('hello world');
});
