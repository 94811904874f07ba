import { adopt, type Descriptor, socketPair } from 'bipoll';
import { pipe } from './pipe';
import { hasTerminals, openTerminal } from './terminal';
import { isWindows } from './where';

/** A kind of descriptor that the same tests run over. */
export interface DescriptorPair {
  readonly name: string;
  /** Whether both of them can be read from and written to. */
  readonly isTwoWay: boolean;
  /** Whether what is unread survives the close of the writer: a terminal that hangs up may discard it. */
  readonly keepsUnread: boolean;
  /** Two of them: what is written to the second is read from the first. */
  readonly open: () => [reader: Descriptor, writer: Descriptor];
}

const always: readonly DescriptorPair[] = [
  {
    name: 'a pipe',
    isTwoWay: false,
    keepsUnread: true,
    open: () => pipe().map((fd) => adopt(fd, 'descriptor')) as [Descriptor, Descriptor],
  },
  {
    name: 'a socket that was adopted as a descriptor',
    isTwoWay: true,
    keepsUnread: true,
    open: () =>
      socketPair().map((end) => adopt(end.detach(), 'descriptor')) as [Descriptor, Descriptor],
  },
];

const terminals: readonly DescriptorPair[] = [
  {
    name: 'the master of a terminal',
    isTwoWay: true,
    keepsUnread: true,
    open: () => openTerminal('raw'),
  },
  {
    name: 'a terminal',
    isTwoWay: true,
    keepsUnread: false,
    open: () => openTerminal('raw').reverse() as [Descriptor, Descriptor],
  },
];

/** None on Windows; terminals where they can be opened. */
export const descriptorPairs: readonly DescriptorPair[] = isWindows
  ? []
  : [...always, ...(hasTerminals ? terminals : [])];
