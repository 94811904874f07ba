import { connectLocal, listenLocal, listenTcp, type LocalServer, socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import {
  accept,
  connect,
  deadlineIn,
  frames,
  readExactly,
  readLine,
  readSome,
  readUntil,
  retry,
  sleep,
  TimeoutError,
  writeAll,
} from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw');
}

function withCode(code: string): Error {
  return Object.assign(new Error(`mine: ${code}`), { code });
}

describe('a deadline', () => {
  test('is one for several verbs, each of which ends at it', () => {
    const [left, right] = socketPair();
    using server = listenTcp({ port: 0 });
    const started = performance.now();
    const limit = { deadline: deadlineIn(50) };
    const verbs: Record<string, () => unknown> = {
      readSome: () => readSome(right, limit),
      readExactly: () => readExactly(right, 1, limit),
      readUntil: () => readUntil(right, '\n', limit),
      readLine: () => readLine(right, limit),
      frames: () => frames(right, lines(), limit).next(),
      accept: () => accept(server, limit),
      writeAll: () => {
        writeAll(left, Buffer.alloc(10_000_000), limit);
      },
    };
    for (const [name, verb] of Object.entries(verbs)) {
      const error = errorOf(verb);
      expect(error).toBeInstanceOf(TimeoutError);
      expect((error as TimeoutError).message).toMatch(
        new RegExp(`^${name} ETIMEDOUT.* within the deadline of 50 ms`),
      );
      expect(performance.now() - started).toBeGreaterThanOrEqual(50);
    }
    left.close();
    right.close();
  });

  test('does not begin anew with each verb', () => {
    const [left, right] = socketPair();
    const limit = { deadline: deadlineIn(PATIENCE) };
    writeAll(left, 'one\ntwo\n', limit);
    expect([...Array(2).keys()].map(() => readLine(right, limit))).toEqual(['one', 'two']);
    const over = { deadline: deadlineIn(5) };
    sleep(10);
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(() => readSome(right, over)).toThrow(TimeoutError);
    expect(performance.now() - started).toBeLessThan(PATIENCE);
    left.close();
    right.close();
  });

  test.each([NaN, -1, '5', undefined, null])('is not made of %p', (ms) => {
    expect(errorOf(() => deadlineIn(ms as number))).toHaveProperty(
      'code',
      expect.stringMatching(/^ERR_INVALID_ARG_TYPE$|^ERR_OUT_OF_RANGE$/),
    );
  });

  test.each([
    [{ deadline: 5 }, 'ERR_INVALID_ARG_TYPE'],
    [{ deadline: {} }, 'ERR_INVALID_ARG_TYPE'],
    [{ deadline: null }, 'ERR_INVALID_ARG_TYPE'],
    [{ deadline: deadlineIn(5), timeout: 5 }, 'ERR_INVALID_ARG_VALUE'],
  ])('is refused as %j', (limit, code) => {
    expect(errorOf(() => connect({ port: 1 }, limit as never))).toHaveProperty('code', code);
  });
});

describe('sleep', () => {
  test.each([0, 0.5, 20])('blocks for %d ms, and not less', (ms) => {
    const started = performance.now();
    sleep(ms);
    expect(performance.now() - started).toBeGreaterThanOrEqual(ms);
  });

  test.each([
    [NaN, {}, 'ERR_OUT_OF_RANGE'],
    [-1, {}, 'ERR_OUT_OF_RANGE'],
    ['1', {}, 'ERR_INVALID_ARG_TYPE'],
    [1, null, 'ERR_INVALID_ARG_TYPE'],
    [1, { interruptible: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [1, { interruptable: true }, 'ERR_INVALID_ARG_VALUE'],
  ])('refuses %p with %j', (ms, options, code) => {
    expect(
      errorOf(() => {
        sleep(ms as number, options as never);
      }),
    ).toHaveProperty('code', code);
  });
});

describe('retry', () => {
  test.each(['ECONNREFUSED', 'ENOENT', 'ETIMEDOUT', 'ECONNRESET', 'EAGAIN'])(
    'calls again after %s, and returns what is returned at last',
    (code) => {
      let calls = 0;
      const result = retry(
        () => {
          if (++calls < 3) throw withCode(code);
          return calls;
        },
        { timeout: PATIENCE },
      );
      expect(result).toBe(3);
    },
  );

  test.each([withCode('EACCES'), new Error('mine'), 'a string' as never, null as never])(
    'passes on whatever else is thrown: %p',
    (thrown) => {
      let calls = 0;
      const error = errorOf(() =>
        retry(
          () => {
            calls++;
            throw thrown;
          },
          { timeout: PATIENCE },
        ),
      );
      expect([error, calls]).toEqual([thrown, 1]);
    },
  );

  test('has the last error as its cause when the time is over', () => {
    const path = freshPath();
    const error = errorOf(() => retry(() => connectLocal({ path }), { timeout: 30 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      message: 'retry ETIMEDOUT: no attempt succeeded within 30 ms',
      cause: { code: 'ENOENT', path },
    });
  });

  test('calls once where there is no time at all', () => {
    const attempt = jest.fn(() => {
      throw withCode('ENOENT');
    });
    expect(() => retry(attempt, { timeout: 0 })).toThrow(TimeoutError);
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test('waits until a server listens, with what is left of the limit for each attempt', () => {
    const path = freshPath();
    let attempts = 0;
    const servers: LocalServer[] = [];
    const socket = retry(
      (limit) => {
        if (++attempts === 3) servers.push(listenLocal({ path }));
        return connect({ path }, limit);
      },
      { timeout: PATIENCE },
    );
    expect(attempts).toBe(3);
    socket.close();
    for (const server of servers) server.close();
  });

  test('ends within its limit also where an attempt waits for what never comes', () => {
    using server = listenTcp({ port: 0 });
    expect(() => retry((limit) => accept(server, limit), { timeout: 20 })).toThrow(
      expect.objectContaining({ cause: expect.any(TimeoutError) }),
    );
  });

  test('refuses what is no function', () => {
    expect(errorOf(() => retry(5 as never, { timeout: 1 }))).toHaveProperty(
      'code',
      'ERR_INVALID_ARG_TYPE',
    );
  });
});
