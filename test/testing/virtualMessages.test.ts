import { deepStrictEqual } from 'node:assert';
import { concat, ignoreElements, map, retry, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { LocalPacketSocket, UdpAddress, UdpSocket } from 'bipoll';
import { type MessageEndpoint, pacedMap } from 'bipoll/reactive';
import { virtualMessages } from 'bipoll/testing';

type Helpers = Parameters<Parameters<TestScheduler['run']>[0]>[0];

const one: UdpAddress = { host: '192.0.2.1', port: 1 };
const other: UdpAddress = { host: '192.0.2.2', port: 2 };

const echo = ({ messages$, send }: MessageEndpoint<UdpSocket>) =>
  messages$.pipe(pacedMap(({ bytes, from }) => send(bytes, from)));

function inVirtualTime(test: (scheduler: TestScheduler, helpers: Helpers) => void): void {
  const scheduler = new TestScheduler(deepStrictEqual);
  scheduler.run((helpers) => {
    test(scheduler, helpers);
  });
}

test('messages come when the diagram says, and their senders are answered', () => {
  inVirtualTime((scheduler, { expectObservable }) => {
    const to = { a: one, b: other, c: one };
    const socket = virtualMessages(scheduler, '-a--(bc)|', { from: to });
    expectObservable(echo(socket)).toBe('       --------|');
    socket.expectSent('                         -a--(bc)', { to });
  });
});

test('what comes while an answer is worked on waits, and nothing is received', () => {
  inVirtualTime((scheduler, { expectSubscriptions }) => {
    const socket = virtualMessages<LocalPacketSocket>(scheduler, '-(ab)');
    const { messages$, send } = socket;
    messages$
      .pipe(pacedMap(({ bytes }) => concat(send(bytes), timer(5).pipe(ignoreElements()))))
      .subscribe();
    socket.expectSent('                   -a----b----');
    expectSubscriptions(socket.reads).toBe(['^!', '------(^!)', '-----------^']);
  });
});

test('an error is no end: whoever subscribes again goes on', () => {
  inVirtualTime((scheduler, { expectObservable }) => {
    const { messages$ } = virtualMessages(scheduler, '-a-#');
    const texts$ = messages$.pipe(map(({ bytes }) => bytes.toString()));
    expectObservable(texts$.pipe(retry(1))).toBe('    -a----');
  });
});

test('letters may stand for other bytes, and a close is the end of what is sent', () => {
  inVirtualTime((scheduler, { expectObservable }) => {
    const socket = virtualMessages(scheduler, '-a', { values: { a: Buffer.of(0, 255) } });
    expectObservable(socket.messages$).toBe('         -a-|', {
      a: { bytes: Buffer.of(0, 255), from: null, truncated: false, dropped: 0 },
    });
    timer(2).subscribe(() => socket.send('bye', one).subscribe());
    timer(3).subscribe(() => {
      socket.close();
    });
    socket.expectSent('--b|', { values: { b: 'bye' }, to: { b: one } });
  });
});

test('another receiver is a failure, which shows both', () => {
  const fail = () => {
    inVirtualTime((scheduler) => {
      const socket = virtualMessages(scheduler, '-a', { from: { a: one } });
      echo(socket).subscribe();
      socket.expectSent('-a', { to: { a: other } });
    });
  };
  expect(fail).toThrow(/192\.0\.2\.1[^]*192\.0\.2\.2|192\.0\.2\.2[^]*192\.0\.2\.1/);
});

test('it has no socket, and wrong arguments are refused', () => {
  inVirtualTime((scheduler) => {
    expect(() => virtualMessages(scheduler, '-').socket).toThrow('has no socket');
    expect(() => virtualMessages(scheduler, '-', { value: {} } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });
  expect(() => virtualMessages({} as never, '-')).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
});
