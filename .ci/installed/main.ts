import { echoInBothStyles } from './echo.js';

void echoInBothStyles().then(console.log);
