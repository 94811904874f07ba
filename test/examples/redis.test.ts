import { type ChildProcess, spawn } from 'node:child_process';
import { Deframer } from 'bipoll/framing';
import { connect, readUntil, writeAll } from 'bipoll/sync';
import { socketPair } from 'bipoll';
import { RedisClient, RedisError, resp } from '../../examples/redis-client';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { whereInstalled } from '../support/whereInstalled';
import { stop, untilSaid } from './peers';
import { freePort } from '../support/freePort';

test('tokens are the same however the bytes were cut', () => {
  const bytes = Buffer.from(
    '+OK\r\n:-42\r\n$7\r\nhe\r\nllo\r\n*2\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n',
  );
  const expected = [
    { reply: 'OK' },
    { reply: -42 },
    { reply: 'he\r\nllo' },
    { arrayLength: 2 },
    { reply: null },
    { reply: null },
    { arrayLength: 0 },
    { reply: '' },
  ];
  for (let size = 1; size <= bytes.length; size++) {
    const deframer = new Deframer(resp);
    const tokens = [];
    for (let at = 0; at < bytes.length; at += size) {
      tokens.push(...deframer.push(bytes.subarray(at, at + size)));
    }
    expect(tokens).toEqual(expected);
  }
});

test.each(['?\r\n', ':x\r\n', '$\r\n', '*1.5\r\n'])('%j is no reply', (text) => {
  expect(() => resp.decode(Buffer.from(text), 0)).toThrow(
    expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }),
  );
});

describe('a client and a server in one thread', () => {
  test('a nested reply that stops in the middle goes on after the timeout', () => {
    const [left, right] = socketPair();
    const redis = new RedisClient(left, 10);
    writeAll(right, '*2\r\n*2\r\n:1\r\n', { timeout: PATIENCE });
    expect(() => redis.command('FIRST')).toThrow(expect.objectContaining({ code: 'ETIMEDOUT' }));
    writeAll(right, ':2\r\n*0\r\n*2\r\n*0\r\n-ERR no\r\n', { timeout: PATIENCE });
    expect(redis.command('SECOND')).toEqual([[], new RedisError('ERR no')]);
    expect(readUntil(right, 'SECOND\r\n', { timeout: PATIENCE }).toString()).toBe(
      '*1\r\n$5\r\nFIRST\r\n*1\r\n$6\r\nSECOND\r\n',
    );
    right.close();
    expect(() => redis.command('THIRD')).toThrow();
    left.close();
  });
});

whereInstalled('redis-server')('with a real redis-server', () => {
  describe.each(['TCP', 'a local socket'])('over %s', (transport) => {
    const path = freshPath();
    const port = freePort();
    const target = transport === 'TCP' ? { host: '127.0.0.1', port } : { path };
    let server: ChildProcess;
    beforeAll(async () => {
      const where =
        transport === 'TCP'
          ? ['--bind', '127.0.0.1', '--port', `${port}`]
          : ['--port', '0', '--unixsocket', path];
      server = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await untilSaid(server, /ready to accept connections/i);
    });
    afterAll(() => stop(server));

    test('commands get their replies', () => {
      using socket = connect(target, { timeout: PATIENCE });
      const redis = new RedisClient(socket, PATIENCE);
      expect(redis.command('PING')).toBe('PONG');
      expect(redis.command('SET', 'greeting', 'grüß dich\r\n')).toBe('OK');
      expect(redis.command('GET', 'greeting')).toBe('grüß dich\r\n');
      expect(redis.command('GET', 'nothing')).toBeNull();
      expect(redis.command('RPUSH', 'list', 'a', 'b', 'c')).toBe(3);
      expect(redis.command('LRANGE', 'list', '0', '-1')).toEqual(['a', 'b', 'c']);
      expect(redis.command('LRANGE', 'nothing', '0', '-1')).toEqual([]);
      expect(redis.command('EVAL', 'return {1, {2, {}, false}, "x"}', '0')).toEqual([
        1,
        [2, [], null],
        'x',
      ]);
      expect(() => redis.command('NONSENSE')).toThrow(RedisError);
      expect(redis.command('PING')).toBe('PONG');
    });

    test('replies may be large, or have many items', () => {
      using socket = connect(target, { timeout: PATIENCE });
      const redis = new RedisClient(socket, PATIENCE);
      expect(redis.command('SET', 'large', 'x'.repeat(3_000_000))).toBe('OK');
      expect(redis.command('GET', 'large')).toHaveLength(3_000_000);
      const items = Array.from({ length: 100_000 }, (_, i) => `item ${i}`);
      expect(redis.command('RPUSH', 'many', ...items)).toBe(items.length);
      expect(redis.command('LRANGE', 'many', '0', '-1')).toEqual(items);
    });

    test('a reply that comes after the timeout is not taken for that of the next command', () => {
      using socket = connect(target, { timeout: PATIENCE });
      const redis = new RedisClient(socket, 50);
      expect(() => redis.command('BLPOP', 'empty', '0')).toThrow(
        expect.objectContaining({ code: 'ETIMEDOUT' }),
      );
      using other = connect(target, { timeout: PATIENCE });
      expect(new RedisClient(other, PATIENCE).command('RPUSH', 'empty', 'late')).toBe(1);
      // The next ones may be late as well: whichever is not has its own reply.
      const isInTime = (attempt: string) => {
        try {
          expect(redis.command('ECHO', attempt)).toBe(attempt);
          return true;
        } catch (error) {
          expect(error).toMatchObject({ code: 'ETIMEDOUT' });
          return false;
        }
      };
      for (let attempt = 0; !isInTime(`${attempt}`); attempt++) expect(attempt).toBeLessThan(1000);
    });
  });
});
