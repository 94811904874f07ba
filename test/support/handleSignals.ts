// Before each test of the suite. A child of an earlier test may have ended since: until Node's event loop has handled
// that signal, it would end a wait of a poller.
import { setImmediate } from 'node:timers/promises';

beforeEach(() => setImmediate());
