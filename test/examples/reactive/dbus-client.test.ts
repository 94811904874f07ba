import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { adopt, type Socket, socketPair } from 'bipoll';
import { readExactly, retry, writeAll, connect } from 'bipoll/sync';
import { type CallHandler, DBusClient, serveFiles } from '../../../examples/reactive/dbus-client';
import { canCountDescriptors, openDescriptors } from '../../support/descriptors';
import { outputOf, startExample } from '../../support/example';
import { freshFile, freshPath } from '../../support/freshPath';
import { PATIENCE } from '../../support/patience';
import { exitOf } from '../../support/script';
import { until } from '../../support/until';
import { unwatched, whereInstalled } from '../../support/whereInstalled';

const run = promisify(execFile);
const limit = { timeout: PATIENCE };
const FILES = 'io.bipoll.Files';
const read = { destination: FILES, path: '/', interface: FILES, member: 'Read', signature: 'h' };

/** A bus on which everybody may own any name, and call anybody. */
const configuration = (path: string) => `
  <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
    "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
  <busconfig>
    <type>session</type>
    <listen>unix:path=${path}</listen>
    <policy context="default">
      <allow send_destination="*" eavesdrop="true"/>
      <allow eavesdrop="true"/>
      <allow own="*"/>
    </policy>
  </busconfig>`;

whereInstalled('dbus-daemon')('a client of a real bus', () => {
  let daemon: ChildProcess;
  let exit: ReturnType<typeof exitOf>;
  let path: string;
  let clients: DBusClient[];

  beforeEach(() => {
    clients = [];
    path = freshPath();
    const file = freshFile();
    writeFileSync(file, configuration(path));
    daemon = spawn('dbus-daemon', [`--config-file=${file}`, '--nofork', '--nopidfile'], {
      stdio: 'ignore', // it complains where it may not raise its limit of descriptors
      env: unwatched,
    });
    exit = exitOf(daemon);
    retry(() => connect({ path }, limit), limit).close();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    daemon.kill();
    await exit;
  });

  async function client(onCall?: CallHandler): Promise<DBusClient> {
    const made = await DBusClient.connect(path, onCall);
    clients.push(made);
    return made;
  }

  async function service(onCall: CallHandler): Promise<DBusClient> {
    const made = await client(onCall);
    await made.own(FILES);
    return made;
  }

  function openFile(text: string): Socket {
    const file = freshFile();
    writeFileSync(file, text);
    return adopt(openSync(file, 'r'), 'descriptor');
  }

  test('passes an open file to another, who reads it', async () => {
    await service(serveFiles);
    const reader = await client();
    using file = openFile('what only we may open');
    expect(await reader.call(read, file)).toEqual(['what only we may open']);
  });

  test('passes a socket, over which the two then talk without the bus', async () => {
    let taken: Socket | undefined;
    await service((_, [socket]) => {
      taken = adopt((socket as Socket).detach(), 'local');
      return Promise.resolve({ signature: '', values: [] });
    });
    const [mine, theirs] = socketPair();
    await (await client()).call(read, theirs);
    theirs.close();
    writeAll(mine, 'hello', limit);
    expect(String(readExactly(taken as typeof mine, 5, limit))).toBe('hello');
    mine.close();
    taken!.close();
  });

  test('gets the descriptor that an answer has', async () => {
    const [mine, theirs] = socketPair();
    await service(() => Promise.resolve({ signature: 'h', values: [theirs] }));
    const [got] = await (await client()).call({ ...read, signature: '' });
    theirs.close();
    writeAll(got as typeof mine, 'hello', limit);
    expect(String(readExactly(mine, 5, limit))).toBe('hello');
    mine.close();
    (got as Socket).close();
  });

  test('keeps many calls apart, and the descriptors of each', async () => {
    await service(serveFiles);
    const reader = await client();
    const texts = Array.from({ length: 100 }, (_, i) => `file ${i}`);
    const before = canCountDescriptors ? openDescriptors() : 0;
    const answers = texts.map(async (text) => {
      using file = openFile(text);
      return await reader.call(read, file);
    });
    expect((await Promise.all(answers)).flat()).toEqual(texts);
    if (canCountDescriptors) expect(openDescriptors()).toBeLessThan(before + 20);
  });

  test('hears why a call failed', async () => {
    await service(serveFiles);
    const caller = await client();
    const fields = { ...read, member: 'Sing', signature: '' };
    await expect(caller.call(fields)).rejects.toMatchObject({
      errorName: 'org.freedesktop.DBus.Error.UnknownMethod',
    });
    await expect(caller.call({ ...fields, destination: 'io.bipoll.Nobody' })).rejects.toMatchObject(
      { errorName: 'org.freedesktop.DBus.Error.ServiceUnknown' },
    );
  });

  test('answers other programs: dbus-send and gdbus', async () => {
    await service(serveFiles);
    const send = ['--bus=unix:path=' + path, '--print-reply', `--dest=${FILES}`, '/'];
    const env = { env: unwatched };
    const { stdout } = await run('dbus-send', [...send, 'org.freedesktop.DBus.Peer.Ping'], env);
    expect(stdout).toContain('method return');
    await expect(run('dbus-send', [...send, `${FILES}.Sing`], env)).rejects.toThrow(
      'There is no Sing',
    );
    const call = ['call', '--address', `unix:path=${path}`, '--dest', 'org.freedesktop.DBus'];
    const { stdout: names } = await run(
      'gdbus',
      [...call, '--object-path', '/', '--method', 'org.freedesktop.DBus.ListNames'],
      env,
    ).catch((error: unknown) => {
      // It is in a package of its own, so it may be missing where the daemon is not.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { stdout: FILES };
      throw error;
    });
    expect(names).toContain(FILES);
  });

  test('fails all that waits when the bus goes', async () => {
    await service(() => new Promise(() => undefined));
    const call = (await client()).call({ ...read, signature: '' });
    daemon.kill();
    await expect(call).rejects.toThrow();
  });

  test('works as a program', async () => {
    const serving = startExample('reactive/dbus-client', ['--path', path, 'serve']);
    let said = '';
    serving.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => said.includes('serving'), 'serving');
    const file = freshFile();
    writeFileSync(file, 'from far away');
    const reading = startExample('reactive/dbus-client', ['--path', path, 'read', file]);
    expect(await outputOf(reading)).toBe('from far away\n');
    const end = exitOf(serving);
    serving.kill('SIGTERM');
    expect(await end).toBe(0);
  });
});
