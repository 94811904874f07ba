/**
 * A page that shows a running service's connections. Importing this reads `BIPOLL_INSPECT`.
 *
 * @module bipoll/inspect
 */
import { inspectAsAsked } from './environment';

export { SocketError, type SocketErrorDetails, StaleSocketError, type Where } from '../core/errors';
export { inspect } from './inspect';
export { type InspectOptions } from './inspectOptions';
export { type LiveView } from './serveView';
export { watch, type WatchOptions } from './watch';

inspectAsAsked();
