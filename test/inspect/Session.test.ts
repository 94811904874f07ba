import { LIMITS } from '../../src/inspect/limits';
import { type Follower, Session } from '../../src/inspect/Session';

test('becomes a recording, in which an answer within some milliseconds is at the time of its request', () => {
  const session = new Session(LIMITS, 1000);
  session.add(1020, 'in', Buffer.from('PING\n'));
  session.add(1023, 'out', 'PONG\n');
  session.end(1104, 'in', '|');
  session.end(1105, 'out', '|');
  session.close(1106, null);
  expect(session.recording).toEqual({
    received: '20ms a 79ms |',
    sent: '20ms b 79ms |',
    values: { a: 'PING\n', b: 'PONG\n' },
  });
});

test('a reset of the peer ends both sides with its error', () => {
  const session = new Session(LIMITS, 0);
  session.add(10, 'in', 'x');
  const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  session.close(20, error);
  const { received, sent, error: recorded } = session.recording;
  expect([received, sent, recorded]).toEqual(['10ms a---------#', '20ms #', error]);
});

test('an error of our own leaves the peer as it was', () => {
  const session = new Session(LIMITS, 0);
  session.add(10, 'in', 'x');
  session.close(20, new Error('nonsense'));
  const { received, sent } = session.recording;
  expect([received, sent]).toEqual(['10ms a', '20ms #']);
});

describe('a follower', () => {
  /** Notes what it is told. */
  function newFollower(): { told: string[]; follower: Follower } {
    const told: string[] = [];
    const follower: Follower = {
      chunk: (time, direction, bytes) => told.push(`${time} ${direction} ${bytes.toString()}`),
      end: (time, direction, mark) => told.push(`${time} ${direction} ${mark}`),
      miss: (time, what) => told.push(`${time} ${what}`),
    };
    return { told, follower };
  }

  test('is told what was kept, and then what happens, until it leaves', () => {
    const session = new Session(LIMITS, 0);
    session.add(1, 'in', Buffer.from('a'));
    const { told, follower } = newFollower();
    const leave = session.follow(follower);
    expect(told).toEqual(['1 in a']);
    session.add(2, 'out', 'b');
    session.end(3, 'in', '|');
    session.end(4, 'in', '|');
    session.close(5, null);
    leave();
    session.add(6, 'out', 'c');
    expect(told).toEqual(['1 in a', '2 out b', '3 in |', '5 out |']);
  });

  test('is told that the beginning was not seen', () => {
    const session = new Session(LIMITS, null);
    session.add(1, 'in', 'a');
    const { told, follower } = newFollower();
    session.follow(follower);
    expect(told).toEqual(['1 unseen', '1 in a']);
  });

  test('is told where bytes are missing that were not kept before it came', () => {
    const session = new Session({ ...LIMITS, bytesPerConnection: 2 }, 0);
    session.add(1, 'in', 'ab');
    session.add(2, 'in', 'lost');
    const { told, follower } = newFollower();
    session.follow(follower);
    session.add(3, 'in', 'c');
    session.end(4, 'in', '|');
    expect(told).toEqual(['1 in ab', '2 unkept', '3 in c', '4 in |']);
    const later = newFollower();
    session.follow(later.follower);
    expect(later.told).toEqual(['1 in ab', '2 unkept', '4 in |']);
  });

  test('misses nothing of what is not kept while it follows', () => {
    const session = new Session({ ...LIMITS, bytesPerConnection: 2 }, 0);
    const { told, follower } = newFollower();
    session.follow(follower);
    session.add(1, 'in', 'ab');
    session.add(2, 'in', 'cd');
    expect(told).toEqual(['1 in ab', '2 in cd']);
  });
});
