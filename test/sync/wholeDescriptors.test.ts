import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import {
  adopt,
  bindLocalDatagram,
  connectLocalDatagram,
  type Descriptor,
  socketPair,
} from 'bipoll';
import { fromDescriptor } from 'bipoll/reactive';
import { poll, readExactly, readSome, sendMessage, writeAll } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { describeWhere, isLinux } from '../support/where';
import { unwatched } from '../support/whereInstalled';

const SOON = { timeout: PATIENCE };

const makers = {
  eventfd: 'os.eventfd(5)',
  inotify: `(libc := ctypes.CDLL(None)).inotify_init1(0); libc.inotify_add_watch(fd, sys.argv[1].encode(), 0x100)`,
};

const hasPython =
  spawnSync('python3', ['-c', 'import os; os.eventfd(0)'], { env: unwatched }).status === 0;

/** Node.js cannot make these: Python does, and passes them on. */
function made(kind: keyof typeof makers, argument = ''): Descriptor {
  const [mine, theirs] = socketPair();
  const program = `import array, ctypes, os, socket, sys
fd = ${makers[kind]}
socket.send_fds(socket.socket(fileno=3), [b'x'], [fd])`;
  const stdio = ['ignore', 'inherit', 'inherit', theirs.fd] as const;
  spawnSync('python3', ['-c', program, argument], { stdio: [...stdio], env: unwatched });
  theirs.close();
  const { sockets } = mine.receiveDescriptors(Buffer.alloc(1));
  mine.close();
  return sockets[0] as Descriptor;
}

function watched(): [Descriptor, string] {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-inotify-'));
  return [made('inotify', directory), directory];
}

/** Of an inotify event: the name. */
const nameIn = (event: Buffer) => event.toString('utf8', 16).replace(/\0+$/, '');

describeWhere(isLinux, 'only Linux has them')(
  'what gives its bytes as a whole or not at all',
  () => {
    describeWhere(hasPython, 'python3 is not installed here')('made by another program', () => {
      test('an eventfd is read in parts', () => {
        using counter = made('eventfd');
        const first = readSome(counter, { ...SOON, maxBytes: 3 })!;
        expect(first.length).toBe(3);
        expect(counter.readable()).toBe(true);
        const rest = readExactly(counter, 5, SOON);
        expect(Buffer.concat([first, rest]).readBigUInt64LE()).toBe(5n);
        expect(counter.readable()).toBe(false);
      });

      test('an eventfd is added to and read', () => {
        using counter = made('eventfd');
        readExactly(counter, 8, SOON);
        const two = Buffer.alloc(8);
        two.writeBigUInt64LE(2n);
        writeAll(counter, two, SOON);
        expect(readExactly(counter, 8, SOON)).toEqual(two);
      });

      test('an inotify is waited for, and read in parts', () => {
        const [descriptor, directory] = watched();
        using inotify = descriptor;
        expect(poll(inotify, 'readable', 0)).toBe(null);
        writeFileSync(join(directory, 'appears'), '');
        expect(poll(inotify, 'readable', PATIENCE)).toBe('readable');
        const head = readSome(inotify, { ...SOON, maxBytes: 12 })!;
        const length = readExactly(inotify, 4, SOON);
        const name = readExactly(inotify, length.readUInt32LE(), SOON);
        expect(nameIn(Buffer.concat([head, length, name]))).toBe('appears');
      });

      test('both are Observables', async () => {
        const [descriptor, directory] = watched();
        using inotify = descriptor;
        using counter = made('eventfd');
        const event = firstValueFrom(fromDescriptor(inotify).data$);
        writeFileSync(join(directory, 'appears'), '');
        expect(nameIn(await event)).toBe('appears');
        const count = await firstValueFrom(fromDescriptor(counter).data$);
        expect(count.readBigUInt64LE()).toBe(5n);
      });
    });

    test('a datagram socket that was adopted as a descriptor is read in parts', () => {
      const receiver = bindLocalDatagram({ path: freshPath() });
      const { path } = receiver;
      using sender = connectLocalDatagram({ path });
      using descriptor = adopt(receiver.detach(), 'descriptor');
      sendMessage(sender, Buffer.from('one message'), SOON);
      expect(String(readSome(descriptor, { ...SOON, maxBytes: 4 }))).toBe('one ');
      expect(String(readSome(descriptor, SOON))).toBe('message');
    });
  },
);
