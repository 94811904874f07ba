import { filter, firstValueFrom, map, mergeMap, take, takeLast, toArray } from 'rxjs';
import type { StreamSocket } from 'bipoll';
import { lines } from 'bipoll/framing';
import { type Connection, connect, decode } from 'bipoll/reactive';
import * as sync from 'bipoll/sync';
import { startTls } from 'bipoll/tls';
import { postfix, whyNoPostfix } from '../programs/servers/postfix.cjs';
import { PATIENCE } from '../support/patience';
import { reportNoLeaks } from '../support/script';
import { describeWhere } from '../support/where';

const CLEAR = ['EHLO here\r\n', 'STARTTLS\r\n'];

// Many commands are sent at once, so that many answers come at once.
const SECRET = [
  'EHLO here\r\n',
  'MAIL FROM:<somebody@localhost>\r\nRCPT TO:<anybody@localhost>\r\nDATA\r\n',
  `Subject: much\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(40_000)}.\r\nQUIT\r\n`,
];

/** After this many answers of the secured session the next of the commands is due. */
const DUE_AFTER = [1, 4];

const DELIVERED = [
  expect.stringMatching(/^250 /),
  expect.stringMatching(/^250 .*Ok/),
  expect.stringMatching(/^250 .*Ok/),
  expect.stringMatching(/^354 /),
  expect.stringMatching(/^250 .*queued/),
  expect.stringMatching(/^221 /),
];

/** An answer can have several lines: of the others a hyphen follows the number. */
const isLast = (line: string) => line[3] === ' ';

describeWhere(!whyNoPostfix, whyNoPostfix ?? '')('STARTTLS with Postfix', () => {
  let server: Awaited<ReturnType<typeof postfix>>;
  beforeAll(async () => {
    server = await postfix();
  });
  afterAll(() => {
    server.stop();
  });
  reportNoLeaks();

  const tls = () => ({ servername: 'localhost', ca: server.cert });

  /** Once the server is ready for TLS. */
  const ready = (connection: Connection) =>
    connection.data$.pipe(
      decode(lines()),
      filter(isLast),
      map((answer, index) => {
        if (index < CLEAR.length) connection.write(CLEAR[index]!);
        return answer;
      }),
      take(CLEAR.length + 1),
      takeLast(1),
      map((answer) => {
        expect(answer).toMatch(/^220 /);
        return connection;
      }),
    );

  test('an Observable delivers a large mail', async () => {
    const answers = connect(server.target).pipe(
      mergeMap(ready),
      startTls(tls()),
      mergeMap((secured) => {
        expect(secured).toMatchObject({ authorized: true, remotePort: server.target.port });
        secured.write(SECRET[0]!);
        return secured.data$.pipe(
          decode(lines()),
          filter(isLast),
          map((answer, index) => {
            const due = DUE_AFTER.indexOf(index + 1);
            if (due >= 0) secured.write(SECRET[due + 1]!);
            return answer;
          }),
        );
      }),
      toArray(),
    );
    expect(await firstValueFrom(answers)).toEqual(DELIVERED);
  });

  test('a blocking script delivers a large mail', () => {
    const limit = { timeout: PATIENCE };
    const answer = (socket: StreamSocket): string => {
      for (;;) {
        const line = sync.readLine(socket, limit)!;
        if (isLast(line)) return line;
      }
    };
    const socket = sync.connect(server.target, limit);
    for (const command of CLEAR) {
      answer(socket);
      sync.writeAll(socket, command, limit);
    }
    expect(answer(socket)).toMatch(/^220 /);
    const secured = sync.startTls(socket, { ...tls(), ...limit });
    expect(secured).toMatchObject({ authorized: true, remotePort: server.target.port });
    const answers = SECRET.flatMap((commands, index) => {
      sync.writeAll(secured, commands, limit);
      return Array.from({ length: [1, 3, 2][index]! }, () => answer(secured));
    });
    expect(answers).toEqual(DELIVERED);
    expect(sync.readLine(secured, limit)).toBeNull();
    secured.close();
  });
});
