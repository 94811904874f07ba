import { bindLocalDatagram, bindUdp } from 'bipoll';
import { receiveMessage, sendMessage } from 'bipoll/sync';
import { bipoll, outcomeOf, startBipoll } from '../support/commandLine';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { isWindows, testWhere } from '../support/where';
import { freePort } from '../support/freePort';

const limit = { timeout: PATIENCE };

describe('send', () => {
  test.each([
    [['text'], '', 'text'],
    [['-'], 'from stdin\n', 'from stdin\n'],
    [[], 'from stdin as well', 'from stdin as well'],
    [['00 ff 61', '--encoding', 'hex'], '', '\x00\xff\x61'],
    [['AP9h', '--encoding', 'base64'], '', '\x00\xff\x61'],
    [['', '--encoding', 'utf8'], '', ''],
  ])('the words %j are one datagram', async (words, input, expected) => {
    using socket = bindUdp();
    const { code } = await bipoll(['send', `udp://:${socket.localPort!}`, ...words], input);
    expect(code).toBe(0);
    expect(receiveMessage(socket, limit).bytes.toString('latin1')).toBe(expected);
  });

  test('an answer is awaited and written', async () => {
    using socket = bindUdp();
    const args = [
      'send',
      `udp://127.0.0.1:${socket.localPort!}`,
      'ping',
      '--reply',
      '1m',
      '--json',
    ];
    const outcome = outcomeOf(startBipoll(args));
    const { from } = receiveMessage(socket, limit);
    sendMessage(socket, 'pong', { ...limit, to: from });
    const { stdout, code } = await outcome;
    expect(JSON.parse(stdout)).toEqual({ event: 'received', bytes: 4, text: 'pong' });
    expect(code).toBe(0);
  });

  testWhere(!isWindows, 'UDP does not tell it')('a refusal names who refuses', async () => {
    const target = `udp://127.0.0.1:${freePort()}`;
    const { stderr, code } = await bipoll(['send', target, 'x', '--reply', '1m']);
    expect(stderr).toMatch(new RegExp(`^bipoll: ${target}: .*ECONNREFUSED\n$`));
    expect(code).toBe(1);
  });

  test('without an answer in time it exits with 124', async () => {
    using socket = bindUdp();
    const target = `udp://127.0.0.1:${socket.localPort!}`;
    expect((await bipoll(['send', target, 'ping', '--reply', '50ms'])).code).toBe(124);
  });

  testWhere(!isWindows, 'Windows has none')(
    'a local datagram reaches its path, and nobody there is a failure',
    async () => {
      const path = freshPath();
      expect(await bipoll(['send', `unix:${path}`, 'x'])).toMatchObject({ code: 1 });
      using socket = bindLocalDatagram({ path });
      expect(await bipoll(['send', `unix:${path}`, 'local'])).toMatchObject({ code: 0 });
      expect(receiveMessage(socket, limit).bytes.toString()).toBe('local');
    },
  );
});
