import { echoInBothStyles } from './echo.js';
import { startTlsInItsThread } from './tls.js';

startTlsInItsThread();
void echoInBothStyles().then(console.log);
