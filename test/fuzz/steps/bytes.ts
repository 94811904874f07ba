import type { StreamSocket } from 'bipoll';
import { poll, readExactly, writeAll } from 'bipoll/sync';
import { PATIENCE } from '../../support/patience';
import type { End } from '../End';
import { expectThat, outcomeOf } from '../Expected';
import { patternFor } from '../pattern';
import { choose, type StepKind } from '../Step';

const timeout = PATIENCE;
const buffer = Buffer.alloc(65_536);

/** An end with its socket, which ends that are chosen have. */
export const socketOf = (end: End): StreamSocket => end.socket!;

/** Checks that these are the next bytes that were sent to an end. */
export function expectBytes(end: End, bytes: Uint8Array): void {
  const expected = patternFor(end.number, end.read, bytes.length);
  expectThat(bytes.length <= end.available, `${bytes.length} bytes came to ${end.number}`);
  expectThat(expected.equals(bytes), `other bytes came to ${end.number} than were sent`);
}

// ---- Reading ----

/** What a read gives at last that finds no bytes: by the state of the peer. */
function expectNoBytes(end: End, outcome: number | string | null): void {
  const ends = outcome === null || outcome === 'ERR_END_OF_STREAM';
  const isReset = outcome === 'ECONNRESET' || outcome === 'EPIPE';
  const isRight = end.isRefused
    ? outcome === 'ECONNREFUSED'
    : {
        sending: outcome === 0 || outcome === 'ETIMEDOUT',
        ended: ends,
        reset: isReset,
        'ended or reset': ends || isReset,
      }[end.peerState];
  expectThat(
    isRight,
    `reading at ${end.number}, whose peer is ${end.peerState}, gives ${String(outcome)}`,
  );
}

/** Waits for what the model knows to come. */
function awaitNews(end: End): void {
  const isOver = end.peerState !== 'sending';
  if (end.available > 0) poll(socketOf(end), 'dataAvailable', timeout);
  else if (isOver) poll(socketOf(end), 'remoteDisconnected', timeout);
}

const hasSocket = ({ ends }: { ends: readonly End[] }, choice: number) => choose(ends, choice);

const read: StepKind<End> = {
  name: 'read',
  find: hasSocket,
  run(_, end, detail) {
    awaitNews(end);
    const peek = detail % 4 === 0;
    const most = 1 + detail;
    const got = outcomeOf(() => socketOf(end).read(buffer, { end: most, peek }));
    if (end.available === 0) {
      expectNoBytes(end, got);
      return;
    }
    expectThat(typeof got === 'number' && got > 0, `reading at ${end.number} gives ${String(got)}`);
    expectBytes(end, buffer.subarray(0, got));
    if (!peek) end.onRead(got);
  },
};

/** Reads so many by a verb, or finds that there are fewer: then they stay. */
const readExactlyThat: StepKind<End> = {
  name: 'readExactly',
  find: hasSocket,
  run(_, end, detail) {
    awaitNews(end);
    const wanted = 1 + (detail % (end.available + 100));
    const isThere = wanted <= end.available;
    const outcome = outcomeOf(() =>
      readExactly(socketOf(end), wanted, { timeout: isThere ? timeout : 0 }),
    );
    end.mayHoldUnread = end.available > 0;
    if (typeof outcome === 'string' || !isThere) {
      expectThat(!isThere && typeof outcome === 'string', `${end.number} has other bytes`);
      expectNoBytes(end, outcome);
      return;
    }
    expectBytes(end, outcome);
    end.onRead(wanted);
  },
};

// ---- Writing ----

type Write = (socket: StreamSocket, bytes: Buffer) => number;

const half = (bytes: Buffer) => bytes.length >> 1;
const ways: readonly Write[] = [
  (socket, bytes) => socket.write(bytes),
  (socket, bytes) => socket.writev([bytes.subarray(0, half(bytes)), bytes.subarray(half(bytes))]),
  (socket, bytes) => {
    writeAll(socket, bytes, { timeout });
    return bytes.length;
  },
];

/** Whom an end writes to. Who was refused has nobody, and its writes fail. */
const receiverOf = ({ peer }: End, length: number) => peer?.hasRoomFor(length) ?? true;

const write: StepKind<End> = {
  name: 'write',
  find: ({ ends }, choice) =>
    choose(
      ends.filter((end) => end.room === 'enough' && receiverOf(end, 8192)),
      choice,
    ),
  run(_, end, detail) {
    const bytes = patternFor(end.peer?.number ?? 0, end.peer?.written ?? 0, 1 + detail);
    const outcome = outcomeOf(() => ways[detail % ways.length]!(socketOf(end), bytes));
    if (end.isRefused) expectThat(outcome === 'ECONNREFUSED', `${end.number} writes to nobody`);
    else expectWritten(end, bytes.length, outcome);
  },
};

function expectWritten(end: End, length: number, outcome: number | string): void {
  const peer = end.peer!;
  const isBroken = outcome === 'EPIPE' || outcome === 'ECONNRESET';
  const said = `writing ${length} bytes at ${end.number} gives ${outcome}`;
  if (end.hasShutDown) {
    expectThat(isBroken, said);
  } else if (peer.isOpen && end.peerState !== 'reset' && end.peerState !== 'ended or reset') {
    expectThat(outcome === length, said);
    peer.onPeerWrote(length);
  } else {
    // The first write after TCP has closed is taken, and answered by a reset.
    expectThat(isBroken || (outcome === length && !end.isLocal), said);
  }
  if (!peer.isOpen) end.onDoubt();
}

/** Until the system takes no more. Over TCP nobody knows when that is. */
const fill: StepKind<End> = {
  name: 'fill',
  find: ({ ends }, choice) =>
    choose(
      ends.filter((end) => end.isLocal && end.isWhole && end.peer?.available === 0),
      choice,
    ),
  run(_, end) {
    const peer = end.peer!;
    for (let taken = 1; taken > 0;) {
      taken = socketOf(end).write(patternFor(peer.number, peer.written, 32_768));
      peer.onPeerWrote(taken);
    }
    end.room = 'none';
  },
};

/** Bytes go to and fro. */
export const bytes = [read, readExactlyThat, write, fill] as const;
