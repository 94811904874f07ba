import { expect, test } from 'vitest';
import { echoInBothStyles } from '../module/echo.js';

test('echoes', async () => {
  expect(await echoInBothStyles()).toBe('hello world');
});
