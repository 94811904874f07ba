import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { connect } from 'bipoll/sync';
import { RedisClient, RedisError, resp } from '../../examples/redis-client';
import { untilServed } from '../support/example';
import { freshPath } from '../support/freshPath';

test('a reply is decoded from any split of its bytes', () => {
  const bytes = Buffer.from('*4\r\n+OK\r\n:42\r\n$5\r\nhello\r\n*2\r\n$-1\r\n*-1\r\nrest');
  for (let length = 0; length < bytes.length - 4; length++) {
    expect(resp.decode(bytes.subarray(0, length), 0)).toBeNull();
  }
  expect(resp.decode(bytes, 0)).toEqual({
    frame: { reply: ['OK', 42, 'hello', [null, null]] },
    length: bytes.length - 4,
  });
  expect(() => resp.decode(Buffer.from('?\r\n'), 0)).toThrow(/cannot begin/);
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
// Skipped where redis-server is not installed; CI installs it.
(hasRedis ? describe : describe.skip)('with a real redis-server', () => {
  const path = freshPath();
  let server: ChildProcess;
  beforeAll(() => {
    const args = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', args, { stdio: 'ignore' });
    untilServed({ path });
  });
  afterAll(() => {
    server.kill();
  });

  test('commands get their replies', () => {
    using socket = connect({ path }, { timeout: 1000 });
    const redis = new RedisClient(socket);
    expect(redis.command('PING')).toBe('PONG');
    expect(redis.command('SET', 'greeting', 'grüß dich\r\n')).toBe('OK');
    expect(redis.command('GET', 'greeting')).toBe('grüß dich\r\n');
    expect(redis.command('GET', 'nothing')).toBeNull();
    expect(redis.command('RPUSH', 'list', 'a', 'b', 'c')).toBe(3);
    expect(redis.command('LRANGE', 'list', '0', '-1')).toEqual(['a', 'b', 'c']);
    expect(() => redis.command('NONSENSE')).toThrow(RedisError);
    expect(redis.command('SET', 'large', 'x'.repeat(3_000_000))).toBe('OK');
    expect(redis.command('GET', 'large')).toHaveLength(3_000_000);
  });

  test('a command that blocks too long times out, and its reply still comes', () => {
    using socket = connect({ path }, { timeout: 1000 });
    const redis = new RedisClient(socket, 50);
    expect(() => redis.command('BLPOP', 'empty', '0.2')).toThrow(
      expect.objectContaining({ code: 'ETIMEDOUT' }),
    );
    using other = connect({ path }, { timeout: 1000 });
    expect(new RedisClient(other).command('RPUSH', 'empty', 'late')).toBe(1);
    expect(redis.command('PING')).toEqual(['empty', 'late']);
  });
});
