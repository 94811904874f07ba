import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decoder } from '../framing/Codec';
import { type CodecName, codecsByName } from '../framing/codecsByName';
import { sessionTests } from '../testing/sessionTests';
import { testSettings } from '../testing/testSettings';
import { Activity } from './Activity';
import { FrameViewers } from './frames/FrameViewers';
import { LIMITS } from './limits';
import type { Outlet } from './Outlet';
import { PAGE, PAGE_POLICY } from './page';
import type { ShownConnection } from './ShownConnection';
import { Viewers } from './Viewers';
import { type Opened, SERVICE_CODEC } from './wire';

type Query = URLSearchParams;

/** Answers the requests of the page, and gives the page itself. */
export class View {
  readonly #activity = new Activity();
  readonly #viewers = new Viewers(this.#activity);
  readonly #frameViewers = new FrameViewers(this.#activity);
  readonly #codec: Decoder<unknown> | null;

  /** @param codec the one that the service has named */
  constructor(codec: Decoder<unknown> | null = null) {
    this.#codec = codec;
  }

  /** Answers a request that {@link Access} lets through, at this path. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (request.method !== 'GET') {
      refuse(response, 405, 'There is only GET here.');
      return;
    }
    const [, of, id, what] = /^\/(connections)\/(\d+)(?:\/(test|frames))?$/.exec(path) ?? [];
    if (of !== undefined) this.#answerOf(request, response, Number(id), what);
    else if (path === '/events') this.#stream(request, response);
    else if (path === '/') give(response, 'text/html; charset=utf-8', PAGE);
    else refuse(response, 404, 'There is nothing here.');
  }

  close(): void {
    this.#viewers.close();
    this.#frameViewers.close();
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#viewers.isFull) refuse(response, 503, TOO_MANY);
    else stream(request, response, (outlet) => this.#viewers.add(outlet));
  }

  #answerOf(
    request: IncomingMessage,
    response: ServerResponse,
    id: number,
    what: string | undefined,
  ): void {
    const shown = this.#activity.connection(id);
    const query = new URLSearchParams(request.url?.split('?')[1]);
    if (!shown) refuse(response, 404, 'This connection is shown no longer.');
    else if (what === 'test') giveTest(response, shown, query);
    else if (what === 'frames') this.#streamFrames(request, response, shown, query);
    else give(response, 'application/json', JSON.stringify(openedOf(shown, this.#codec !== null)));
  }

  #streamFrames(
    request: IncomingMessage,
    response: ServerResponse,
    shown: ShownConnection,
    query: Query,
  ): void {
    const codec = this.#codecNamed(query.get('as') ?? '');
    if (!codec) refuse(response, 400, 'There is no such codec.');
    else if (this.#frameViewers.isFull) refuse(response, 503, TOO_MANY);
    else stream(request, response, (outlet) => this.#frameViewers.add(outlet, shown, codec));
  }

  #codecNamed(name: string): Decoder<unknown> | null {
    if (name === SERVICE_CODEC) return this.#codec;
    if (!isCodecName(name)) return null;
    return codecsByName[name]({ maxBytes: LIMITS.bytesPerFrame });
  }
}

function isCodecName(name: string): name is CodecName {
  return Object.hasOwn(codecsByName, name);
}

function openedOf({ row, session }: ShownConnection, hasCodec: boolean): Opened {
  const chunks = session.entries.flatMap((entry) =>
    'bytes' in entry
      ? [{ time: entry.time, direction: entry.direction, base64: entry.bytes.toString('base64') }]
      : [],
  );
  return { row, chunks, hasCodec };
}

/** The source of a test that replays the connection, as `recordTo` writes it. */
function giveTest(
  response: ServerResponse,
  { session, isServed }: ShownConnection,
  query: Query,
): void {
  const { unsavable } = session;
  if (unsavable !== null) {
    refuse(response, 409, `It cannot be saved: ${unsavable}.`);
    return;
  }
  try {
    const settings = testSettings(Object.fromEntries(query) as unknown as { from: string });
    const text = sessionTests([{ recording: session.recording, isServed }], settings);
    give(response, 'text/plain; charset=utf-8', text);
  } catch (error) {
    refuse(response, 400, (error as Error).message);
  }
}

const TOO_MANY = 'Too many look already.';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': PAGE_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Sends events until whoever looks has left. @param add begins to send, and returns what to call then */
function stream(
  request: IncomingMessage,
  response: ServerResponse,
  add: (outlet: Outlet) => () => void,
): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
  const leave = add(response);
  request.on('close', leave);
  response.on('close', leave);
}

function give(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { ...HEADERS, 'content-type': type }).end(text);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response
    .writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
    .end(`${reason}\n`);
}
