// Programs that people run over a net.Socket, and that must not notice when they run over ours. By title, each with:
// - `play(streams, server)`, which gets its streams from whoever plays it, and returns what is to be the same;
// - `server`, which starts the server of others that it talks to;
// - `needs`, the file that must be there for it.
import { databases } from './scripts/databases.mjs';
import { httpScripts } from './scripts/http.mjs';
import { messaging } from './scripts/messaging.mjs';
import { secured } from './scripts/secured.mjs';

export const programs = { ...databases, ...messaging, ...httpScripts, ...secured };
