import assert from 'node:assert/strict';
import { byBipoll, byNet } from './sockets.mjs';
import { Streams } from './Streams.mjs';
import { within } from './within.mjs';

/** Milliseconds for one play. */
const PATIENCE = 20_000;

/** The script does not run over node:net either, on this runtime. */
export class NothingToCompare extends Error {}

/**
 * Plays a script over node:net, then over bipoll, with one server of others, if it needs one.
 *
 * @throws if the results differ, or what the streams told
 */
export async function compare({ server, play }) {
  const running = await server?.();
  try {
    const expected = await within(PATIENCE, outcome(byNet, play, running)).catch((cause) => {
      throw new NothingToCompare(`over node:net: ${cause.message}`, { cause });
    });
    const got = await within(PATIENCE, outcome(byBipoll, play, running));
    assert.deepEqual(got, expected);
  } finally {
    await running?.stop();
  }
}

async function outcome(sockets, play, server) {
  const streams = new Streams(sockets);
  const result = await play(streams, server);
  return { result, fates: await streams.fates() };
}
