import { deepStrictEqual } from 'node:assert';
import { stripVTControlCharacters } from 'node:util';
import { TestScheduler } from 'rxjs/testing';
import { virtualConnection, type VirtualConnection } from 'bipoll/testing';

type AssertDeepEqual = (actual: unknown, expected: unknown) => void;

/** With what assertion, and how it fails. */
const assertions: [string, AssertDeepEqual][] = [
  [
    'Jest',
    (actual, expected) => {
      expect(actual).toEqual(expected);
    },
  ],
  ['node:assert', deepStrictEqual],
];

/** The lines of the failure of an expectation, without margins and colours. */
function failureOf(assertDeepEqual: AssertDeepEqual, test: (here: VirtualConnection) => void) {
  const scheduler = new TestScheduler(assertDeepEqual);
  try {
    scheduler.run(() => {
      test(virtualConnection(scheduler, '-'));
    });
  } catch (error) {
    return stripVTControlCharacters((error as Error).message);
  }
  throw new Error('The expectation held');
}

const anyQuoted = (diagram: string): unknown =>
  expect.stringMatching(new RegExp(`marbles["']?: ["']${diagram.replace(/[()|]/g, '\\$&')}["']`));

describe.each(assertions)('a failed expectation, by %s,', (_, assertDeepEqual) => {
  test('shows two diagrams on one time line, and what their letters mean', () => {
    const message = failureOf(assertDeepEqual, (here) => {
      here.write('ping\n');
      here.write('pong\n');
      here.end();
      here.expectSent('p----|', { p: 'ping\n' });
    });
    const lines = message.split('\n').map((line) => line.replace(/^[+-]? *|,$/g, ''));
    expect(lines).toEqual(expect.arrayContaining([anyQuoted('(pa|)'), anyQuoted('p----|')]));
    expect(message).toMatch(/\ba["']?: ["']pong\\{1,2}n["']/);
  });

  test('shows bytes that are no text in hexadecimal', () => {
    const message = failureOf(assertDeepEqual, (here) => {
      here.write(Buffer.from([0, 255]));
      here.expectSent('-');
    });
    expect(message).toContain('<00 ff>');
  });

  test('shows another error', () => {
    const message = failureOf(assertDeepEqual, (here) => {
      here.close(new Error('this one'));
      here.expectSent('#', {}, new Error('that one'));
    });
    expect(message).toContain('this one');
    expect(message).toContain('that one');
  });
});

test('letters with the same bytes mean the same', () => {
  const scheduler = new TestScheduler(deepStrictEqual);
  scheduler.run(() => {
    const here = virtualConnection(scheduler, '-');
    here.write('x');
    here.write('x');
    here.expectSent('(ab)', { a: 'x', b: 'x' });
  });
});
