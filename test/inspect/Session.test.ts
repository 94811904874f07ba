import { LIMITS } from '../../src/inspect/limits';
import { Session } from '../../src/inspect/Session';

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
