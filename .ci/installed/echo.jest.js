const { echoInBothStyles } = require('../commonjs/echo.js');

test('echoes', async () => {
  expect(await echoInBothStyles()).toBe('hello world');
});
