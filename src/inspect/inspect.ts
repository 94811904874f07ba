import { type InspectOptions, settingsOf } from './inspectOptions';
import { type LiveView, serveAtPath, serveAtPort } from './serveView';
import { View } from './View';

/**
 * Serves the live view of this thread's connections: a page that shows as marbles what happens to them. Nothing is
 * followed, and nothing costs, while no page is open; what happens then is shown up to a limit, and the page says what it
 * leaves out. It keeps no process alive.
 *
 * Whoever looks can open a connection to see its bytes, or the frames in them: those of a codec that they choose, or of
 * `frames`. They are decoded only while somebody asks for them, and a decoding error concerns nobody else.
 *
 * Whoever sees the page sees what the connections carry. At a port that is who has the token of the URL; at a path it is
 * the owner of the process.
 *
 * An error of the Promise: `ERR_INVALID_ARG_*`, `ERR_OUT_OF_RANGE`; `EADDRINUSE`, `EACCES` and the like; `ENOTSUP` for a
 * path on Windows.
 *
 * @example
 * using view = await inspect({ port: 0 });
 * console.log(view.url);
 *
 * @example
 * // Opened connections show these frames at once.
 * using view = await inspect({ port: 0, frames: lengthPrefixed({ prefix: 'uint16' }) });
 */
export async function inspect(options: InspectOptions = {}): Promise<LiveView> {
  const { place, frames } = settingsOf(options);
  const view = new View(frames);
  return 'path' in place ? serveAtPath(place.path, view) : serveAtPort(place.port, view, false);
}
