import type { ServerResponse } from 'node:http';

/** Milliseconds between two events of an outlet. */
export const INTERVAL = 100;

/** What a page that looks is written to, as a response of `node:http` is. */
export type Outlet = Pick<ServerResponse, 'write' | 'end' | 'writableNeedDrain'>;

/** Writes an event of `EventSource`. */
export function sendEvent(outlet: Outlet, value: object): void {
  outlet.write(`data: ${JSON.stringify(value)}\n\n`);
}
