import { isUtf8 } from 'node:buffer';
import { parseMarbles } from './parseMarbles';
import type { Recording } from './record';

/** How recorded sessions become a test file. */
export interface SessionTestSettings {
  /** What the test imports the handler from, such as './service'. */
  readonly from: string;
  /** The handler's name there. */
  readonly handler: string;
  readonly runner: 'jest' | 'vitest';
  readonly compare: 'times' | 'order';
}

/** One connection from its beginning to its end. */
export interface Session {
  readonly recording: Recording;
  /** Whether a listener accepted it: then the handler is one for `serve`. */
  readonly isServed: boolean;
}

/** The source of a test file that replays sessions. */
export function sessionTests(sessions: readonly Session[], settings: SessionTestSettings): string {
  const isAnyServed = sessions.some(({ isServed }) => isServed);
  const isAnyCalled = sessions.some(({ isServed }) => !isServed);
  const virtual = isAnyServed ? 'virtualConnection, virtualListener' : 'virtualConnection';
  const lines = [
    '// Sessions that bipoll recorded. This is a test like any other: name it, shorten it, change it.',
    ...(isAnyCalled ? ["import { from } from 'rxjs';"] : []),
    "import { TestScheduler } from 'rxjs/testing';",
    ...(isAnyServed ? ["import { serve } from 'bipoll/reactive';"] : []),
    `import { ${virtual} } from 'bipoll/testing';`,
    ...(settings.runner === 'vitest' ? ["import { expect, test } from 'vitest';"] : []),
    `import * as recorded from ${quoted(settings.from)};`,
    ...sessions.flatMap((session, i) => ['', ...testOf(session, `session ${i + 1}`, settings)]),
  ];
  return `${lines.join('\n')}\n`;
}

function testOf(session: Session, title: string, settings: SessionTestSettings): string[] {
  const { recording, isServed } = session;
  const { handler, compare } = settings;
  const { received, sent, values, error } = recording;
  const isInOrder = compare === 'order';
  const start = isServed
    ? `virtualListener(scheduler, 'c', { c: connection }).pipe(serve(recorded.${handler}, { onError })).subscribe();`
    : `from(recorded.${handler}(connection)).subscribe({ error: onError });`;
  return [
    `test('${title}', () => {`,
    '  const values = {',
    ...Object.entries(values).map(
      ([letter, chunk]) => `    ${keyOf(letter)}: ${literalOf(chunk)},`,
    ),
    '  };',
    ...(error ? [`  const error = ${errorLiteralOf(error)};`] : []),
    '  const onError = () => undefined; // its connection is closed: that is part of the session',
    ...(isInOrder ? ['  const sent = [Buffer.alloc(0)];'] : []),
    '  const scheduler = new TestScheduler((actual, expected) => {',
    '    expect(actual).toEqual(expected);',
    '  });',
    '  scheduler.run(() => {',
    `    const options = ${error ? '{ values, error }' : '{ values }'};`,
    `    const connection = virtualConnection(scheduler, ${quoted(received)}, options);`,
    ...(isInOrder
      ? ['    connection.sent$.subscribe({ next: (bytes) => sent.push(bytes), error: onError });']
      : []),
    `    ${start}`,
    ...(isInOrder ? [] : [`    connection.expectSent(${quoted(sent)}, values);`]),
    '  });',
    ...(isInOrder ? orderOf(recording) : []),
    '});',
  ];
}

/** Compares what was sent from the beginning to the end, whenever that was. */
function orderOf({ sent, values }: Recording): string[] {
  const chunks = parseMarbles('sent', sent).filter(({ mark }) => mark in values);
  const pieces = chunks.map(({ mark }) =>
    typeof values[mark] === 'string' ? `Buffer.from(${valueOf(mark)})` : valueOf(mark),
  );
  return [`  expect(Buffer.concat(sent)).toEqual(Buffer.concat([${pieces.join(', ')}]));`];
}

/** Beyond the letters of English, not every sign may stand in a name. */
const keyOf = (letter: string): string => (/^[a-zA-Z]$/.test(letter) ? letter : quoted(letter));
const valueOf = (letter: string): string =>
  /^[a-zA-Z]$/.test(letter) ? `values.${letter}` : `values[${quoted(letter)}]`;

function literalOf(chunk: Uint8Array | string): string {
  if (typeof chunk === 'string') return quoted(chunk);
  const bytes = Buffer.from(chunk);
  return isUtf8(bytes)
    ? quoted(bytes.toString())
    : `Buffer.from('${bytes.toString('base64')}', 'base64')`;
}

function errorLiteralOf(error: Error & { code?: unknown }): string {
  const made = `new Error(${quoted(error.message)})`;
  return typeof error.code === 'string'
    ? `Object.assign(${made}, { code: ${quoted(error.code)} })`
    : made;
}

/** Text as a literal of JavaScript, in single quotes as most formatters want it. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
}
