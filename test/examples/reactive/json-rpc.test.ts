import {
  lastValueFrom,
  merge,
  mergeMap,
  type ObservableInput,
  Subject,
  take,
  tap,
  toArray,
} from 'rxjs';
import { connect } from 'bipoll/reactive';
import { type Methods, RpcError, serveCalls } from '../../../examples/reactive/json-rpc';
import { client } from '../../../examples/reactive/json-rpc-client';
import { atRest } from '../../support/settled';
import { until } from '../../support/until';
import { ReadCount } from './ReadCount';
import { atLeastLines, reset, Service, talk, targets } from './Service';

const pending = new Subject<string>();
type Method = (params: unknown) => ObservableInput<unknown>;
const methods: Methods = new Map<string, Method>([
  ['echo', (params) => [params]],
  ['nothing', () => []],
  ['huge', () => ['x'.repeat(300_000)]],
  ['bigint', () => [1n]],
  ['later', () => pending],
  [
    'fail',
    () => {
      throw new RpcError(7, 'on purpose');
    },
  ],
  [
    'break',
    () => {
      throw new TypeError('secret');
    },
  ],
]);

describe.each(targets)('the JSON-RPC service over $name', ({ target }) => {
  let service: Service<number>;
  beforeEach(() => {
    service = new Service(
      target(),
      (connections$) => serveCalls(connections$, methods, { due: 5000 }),
      {
        allowHalfOpen: true,
      },
    );
  });
  afterEach(() => {
    service.stop();
  });

  /** What a client gets that sends this, and its end: so many answers. */
  async function answersTo(text: string, count: number): Promise<unknown[]> {
    const heard = await talk(await service.client(), `${text}\n`, atLeastLines(count));
    const answers = String(heard).split('\n');
    expect(answers.pop()).toBe('');
    return answers.map((json): unknown => JSON.parse(json));
  }

  const request = (method: string, id?: unknown, params?: unknown) =>
    JSON.stringify({ jsonrpc: '2.0', method, id, params });
  const result = (id: unknown, value: unknown) => ({ jsonrpc: '2.0', id, result: value });
  const error = (id: unknown, code: number, message: string) => ({
    jsonrpc: '2.0',
    id,
    error: { code, message },
  });

  test.each([
    { what: 'a call', text: request('echo', 1, [23, 42]), answers: [result(1, [23, 42])] },
    {
      what: 'a call by name',
      text: request('echo', 'a', { b: 1 }),
      answers: [result('a', { b: 1 })],
    },
    { what: 'a call without result', text: request('nothing', 1), answers: [result(1, null)] },
    { what: 'a notification', text: request('echo'), answers: [] },
    { what: 'a notification that fails', text: request('fail'), answers: [] },
    {
      what: 'an unknown method',
      text: request('constructor', '1'),
      answers: [error('1', -32601, 'Method not found')],
    },
    {
      what: 'a bad text',
      text: '{"jsonrpc": "2.0", "me',
      answers: [error(null, -32700, 'Parse error')],
    },
    {
      what: 'a bad request',
      text: '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
      answers: [error(null, -32600, 'Invalid Request')],
    },
    { what: 'an empty batch', text: '[]', answers: [error(null, -32600, 'Invalid Request')] },
    {
      what: 'a bad batch',
      text: '[1,2]',
      answers: [[error(null, -32600, 'Invalid Request'), error(null, -32600, 'Invalid Request')]],
    },
    {
      what: 'a batch',
      text: `[${request('echo', 1, ['x'])},${request('echo')},{"foo":"boo"},${request('none', 5)}]`,
      answers: [
        [
          result(1, ['x']),
          error(null, -32600, 'Invalid Request'),
          error(5, -32601, 'Method not found'),
        ],
      ],
    },
    {
      what: 'a batch of notifications',
      text: `[${request('echo')},${request('echo')}]`,
      answers: [],
    },
    {
      what: "a method's own error",
      text: request('fail', 1),
      answers: [error(1, 7, 'on purpose')],
    },
    {
      what: 'a broken method',
      text: request('break', 1),
      answers: [error(1, -32603, 'Internal error')],
    },
    {
      what: 'a result that JSON cannot say',
      text: request('bigint', 1),
      answers: [error(1, -32603, 'Internal error')],
    },
  ])('$what is answered as the specification says, and so is the next one', async (each) => {
    const answers = [...each.answers, result(99, [])];
    const text = `${each.text}\n${request('echo', 99, [])}`;
    expect(await answersTo(text, answers.length)).toEqual(answers);
  });

  test('a call that takes long does not keep the others waiting', async () => {
    const socket = await service.client();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(`${request('later', 'slow')}\n${request('echo', 'fast')}\n`);
    await until(() => text.includes('fast'));
    expect(text).not.toContain('slow');
    pending.next('now');
    await until(() => text.includes('slow'));
  });

  test('a client that does not read its answers is not read from', async () => {
    using count = new ReadCount();
    const socket = await service.client();
    socket.write(`${request('huge', 1, ['x'.repeat(20_000)])}\n`.repeat(200));
    await until(() => service.emitted.length > 0, 'the first answer');
    expect(await atRest(() => count.bytes)).toBeLessThan(1_000_000); // a few chunks
    let answers = 0;
    socket.on('data', (chunk: Buffer) => {
      for (let at = -1; (at = chunk.indexOf('\n', at + 1)) >= 0;) answers++;
    });
    await until(() => answers === 200, 'answering');
  });

  test('many clients of our own call at once, each many times', async () => {
    const clients = Array.from({ length: 20 }, (_, i) =>
      connect(service.address).pipe(
        mergeMap((connection) => {
          const call = client(connection);
          return merge(...Array.from({ length: 50 }, (__, j) => call('echo', [i * 50 + j])));
        }),
        take(50),
      ),
    );
    const results = await lastValueFrom(merge(...clients).pipe(toArray()));
    const expected = Array.from({ length: 1000 }, (_, i) => i);
    expect(
      results
        .flat()
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(expected);
    await service.untilLeft();
  });

  test('a client that vanishes during a call is let go, and the service goes on', async () => {
    const gone = await service.client();
    gone.write(`${request('later', 1)}\n`);
    await until(() => pending.observed, 'the call');
    reset(gone);
    expect(await answersTo(request('echo', 1, []), 1)).toEqual([result(1, [])]);
    pending.next('too late'); // a local socket cannot tell before this that it has not only half-closed
    await service.untilLeft();
    expect(pending.observed).toBe(false);
    expect(service.ended).toBeUndefined();
  });
});

test('a call fails if the service ends before it has answered', async () => {
  const service = new Service(
    { port: 0 },
    mergeMap((connection) =>
      connection.data$.pipe(
        tap(() => {
          connection.end();
        }),
      ),
    ),
  );
  await Promise.resolve(); // its address is told a turn later
  const answer$ = connect(service.address).pipe(
    mergeMap((connection) => client(connection)('echo')),
  );
  await expect(lastValueFrom(answer$)).rejects.toThrow('The service ended before it answered');
  service.stop();
});
