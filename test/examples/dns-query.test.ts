import { type ChildProcess, spawn } from 'node:child_process';
import { bindUdp, LOOPBACK_IPV4 } from 'bipoll';
import { addressesOf } from '../../examples/dns-query';
import { decodeReply, encodeQuestion, RecordType } from '../../examples/dns';
import { PATIENCE } from '../support/patience';
import { unwatched, whereInstalled } from '../support/whereInstalled';
import { stop, untilSaid } from './peers';
import { freePort } from '../support/freePort';

const host = LOOPBACK_IPV4;

describe('a reply', () => {
  const question = encodeQuestion({ id: 7, name: 'a.test', type: RecordType.A });

  test('is told from a question', () => {
    expect(decodeReply(question)).toBeNull();
    expect(decodeReply(Buffer.alloc(3))).toBeNull();
  });

  test('whose names point to each other is refused', () => {
    const reply = Buffer.concat([
      question.subarray(0, 12),
      Buffer.of(0xc0, 14, 0xc0, 12, 0, 1, 0, 1),
    ]);
    reply.writeUInt16BE(0x8000, 2);
    expect(() => decodeReply(reply)).toThrow(RangeError);
  });
});

test('a name server that does not answer is a timeout', () => {
  using silent = bindUdp({ host });
  const server = { host, port: silent.localPort! };
  expect(() => addressesOf('a.test', server, 50)).toThrow(
    expect.objectContaining({ code: 'ETIMEDOUT' }),
  );
});

whereInstalled('dnsmasq')('with a real dnsmasq', () => {
  const port = freePort();
  let server: ChildProcess;

  beforeAll(async () => {
    const where = [`--port=${port}`, `--listen-address=${host}`, '--bind-interfaces'];
    const alone = [
      '--keep-in-foreground',
      '--log-facility=-',
      '--pid-file=',
      '--conf-file=/dev/null',
    ];
    const names = ['one.test,192.0.2.1', 'two.test,192.0.2.2', 'two.test,192.0.2.3'];
    const what = ['--no-resolv', '--no-hosts', ...names.map((each) => `--host-record=${each}`)];
    server = spawn('dnsmasq', [...where, ...alone, ...what, '--local=/test/'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: unwatched,
    });
    await untilSaid(server, /started, version/, 'stderr');
  });
  afterAll(() => stop(server));

  test('a name has its address, or several, or none', () => {
    expect(addressesOf('one.test', { host, port }, PATIENCE)).toEqual(['192.0.2.1']);
    expect(addressesOf('two.test', { host, port }, PATIENCE).sort()).toEqual([
      '192.0.2.2',
      '192.0.2.3',
    ]);
    expect(addressesOf('none.test', { host, port }, PATIENCE)).toEqual([]);
  });
});
