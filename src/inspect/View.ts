import type { IncomingMessage, ServerResponse } from 'node:http';
import { sessionTests } from '../testing/sessionTests';
import { testSettings } from '../testing/testSettings';
import { Activity } from './Activity';
import { PAGE, PAGE_POLICY } from './page';
import type { ShownConnection } from './ShownConnection';
import { Viewers } from './Viewers';
import type { Opened } from './wire';

type Query = URLSearchParams;

/** Answers the requests of the page, and gives the page itself. */
export class View {
  readonly #activity = new Activity();
  readonly #viewers = new Viewers(this.#activity);

  /** Answers a request that {@link Access} lets through, at this path. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (request.method !== 'GET') {
      refuse(response, 405, 'There is only GET here.');
      return;
    }
    const [, of, id, what] = /^\/(connections)\/(\d+)(?:\/(test))?$/.exec(path) ?? [];
    if (of !== undefined) this.#answerOf(request, response, Number(id), what === 'test');
    else if (path === '/events') this.#stream(request, response);
    else if (path === '/') give(response, 'text/html; charset=utf-8', PAGE);
    else refuse(response, 404, 'There is nothing here.');
  }

  close(): void {
    this.#viewers.close();
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#viewers.isFull) {
      refuse(response, 503, 'Too many look already.');
      return;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    const leave = this.#viewers.add(response);
    request.on('close', leave);
    response.on('close', leave);
  }

  #answerOf(
    { url = '' }: IncomingMessage,
    response: ServerResponse,
    id: number,
    isTest: boolean,
  ): void {
    const shown = this.#activity.connection(id);
    if (!shown) refuse(response, 404, 'This connection is shown no longer.');
    else if (isTest) giveTest(response, shown, new URLSearchParams(url.split('?')[1]));
    else give(response, 'application/json', JSON.stringify(openedOf(shown)));
  }
}

function openedOf({ row, session }: ShownConnection): Opened {
  const chunks = session.entries.flatMap((entry) =>
    'bytes' in entry
      ? [{ time: entry.time, direction: entry.direction, base64: entry.bytes.toString('base64') }]
      : [],
  );
  return { row, chunks };
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

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': PAGE_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function give(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { ...HEADERS, 'content-type': type }).end(text);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response
    .writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' })
    .end(`${reason}\n`);
}
