import { capabilities, Poller } from 'bipoll';
import { EventLoop } from 'bipoll/reactive';
import { describeWithFaults, LET_FAIL, preloadFaults } from '../../support/faults';
import { runScript } from '../../support/script';
import { isLinux } from '../../support/where';

const { backends, loopBackends, missingLoopBackends } = capabilities();
const hasRing = loopBackends.includes('io_uring');

function backendOf(options?: ConstructorParameters<typeof EventLoop>[0]): string {
  using loop = new EventLoop(options);
  return loop.backend;
}

function withEnvironment<T>(backend: string, use: () => T): T {
  process.env['BIPOLL_BACKEND'] = backend;
  try {
    return use();
  } finally {
    delete process.env['BIPOLL_BACKEND'];
  }
}

describe('the backend of an event loop', () => {
  test.each(loopBackends)('is %s where that is named', (backend) => {
    expect(backendOf({ backend })).toBe(backend);
    expect(withEnvironment(backend, () => backendOf())).toBe(backend);
  });

  test('is never io_uring unless that is named', () => {
    expect(backendOf()).toBe(backends[0]);
  });

  test('is io_uring as the best, where that can be opened, and else the best backend', () => {
    const best = hasRing ? 'io_uring' : backends[0];
    expect(backendOf({ backend: 'best' })).toBe(best);
    expect(withEnvironment('best', () => backendOf())).toBe(best);
  });

  test('is an error that lists those there are, if it is unknown', () => {
    expect(() => backendOf({ backend: 'select' as never })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        message: expect.stringContaining(backends.join(', ')),
      }),
    );
  });
});

describe('io_uring', () => {
  test('is among what loops can take, or is missing for a reason', () => {
    expect(typeof missingLoopBackends.io_uring).toBe(hasRing ? 'undefined' : 'string');
    if (!isLinux) expect(hasRing).toBe(false);
  });

  test.each(['io_uring', 'best'])(
    'is refused by a poller, which waits for readiness: %s',
    (name) => {
      expect(() => new Poller({ backend: name as never })).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARG_VALUE',
          message: expect.stringContaining('only an EventLoop takes that'),
        }),
      );
    },
  );

  test.each(['io_uring', 'best'])(
    'in the environment is for loops, not for pollers: %s',
    (name) => {
      withEnvironment(name, () => {
        using poller = new Poller();
        expect(poller.backend).toBe(backends[0]);
        expect(capabilities().backend).toBe(backends[0]);
      });
    },
  );
});

if (hasRing) {
  describeWithFaults('where io_uring is forbidden', () => {
    preloadFaults();

    test('importing works, capabilities say why, and the best is another one', () => {
      const { stdout, stderr } = runScript(`${LET_FAIL}
        import { capabilities } from 'bipoll';
        import { EventLoop } from 'bipoll/reactive';
        letFail('io_uring_setup', 'EPERM', { count: 9 });
        const { loopBackends, missingLoopBackends } = capabilities();
        console.log(loopBackends.includes('io_uring'), missingLoopBackends.io_uring);
        console.log(new EventLoop({ backend: 'best' }).backend);
        try {
          new EventLoop({ backend: 'io_uring' });
        } catch ({ code, syscall }) {
          console.log(code, syscall);
        }`);
      expect({ stdout, stderr }).toEqual({
        stdout: `false ${[
          'EPERM: seccomp, as of a container, or kernel.io_uring_disabled forbids it',
          backends[0],
          'EPERM io_uring',
        ].join('\n')}\n`,
        stderr: '',
      });
    });
  });
}
