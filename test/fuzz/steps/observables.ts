import type { Subscription } from 'rxjs';
import { fromSocket } from 'bipoll/reactive';
import type { End } from '../End';
import { expectThat, outcomeOf, turnUntil } from '../Expected';
import { patternFor } from '../pattern';
import { choose, type StepKind } from '../Step';
import type { World } from '../World';
import { expectBytes, socketOf } from './bytes';

/** Neither end closes by itself when the other has ended. */
const connectionOf = (end: End) => fromSocket(socketOf(end), { allowHalfOpen: true });

/** Reads what comes to an end, and checks that it was sent. */
class Reader {
  outcome: 'reading' | 'ended' | 'reset' = 'reading';
  readonly #subscription: Subscription;

  constructor(end: End) {
    this.#subscription = connectionOf(end).data$.subscribe({
      next: (chunk) => {
        expectBytes(end, chunk);
        end.onRead(chunk.length);
      },
      error: () => {
        this.outcome = 'reset';
      },
      complete: () => {
        this.outcome = 'ended';
      },
    });
  }

  get isOver(): boolean {
    return this.outcome !== 'reading';
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }
}

/** It closes a connection that is over in both directions, or has failed. */
function noteClosed(world: World, end: End): void {
  if (!socketOf(end).closed) return;
  expectThat(end.peerState !== 'sending', `${end.number} was closed, and its peer is there`);
  world.removeEnd(end);
}

/** Reads what is there as an Observable, and leaves the rest to whoever reads next. */
const subscribe: StepKind<End> = {
  name: 'subscribe',
  find: ({ ends }, choice) =>
    choose(
      ends.filter(({ isRefused }) => !isRefused),
      choice,
    ),
  async run(world, end) {
    const { peerState } = end;
    const socket = socketOf(end);
    const reader = new Reader(end);
    if (!reader.isOver) {
      const isRefused = outcomeOf(() => socket.read(Buffer.alloc(1))) === 'ERR_SOCKET_BUSY';
      expectThat(isRefused, `${end.number} can be read from while an Observable does`);
    }
    const isDone = () => end.available === 0 && (peerState === 'sending' || reader.isOver);
    await turnUntil(isDone, `what the Observable of ${end.number} should tell`);
    const isRight = reader.isOver ? peerState.includes(reader.outcome) : peerState === 'sending';
    expectThat(isRight, `the Observable at ${end.number} is ${reader.outcome}, not ${peerState}`);
    reader.unsubscribe();
    noteClosed(world, end);
  },
};

/** Sends by the queue of a connection. */
const send: StepKind<End> = {
  name: 'send',
  find: ({ ends }, choice) =>
    choose(
      ends.filter((end) => end.isWhole && end.room === 'enough' && end.peer?.hasRoomFor(8192)),
      choice,
    ),
  async run(_, end, detail) {
    const peer = end.peer!;
    const connection = connectionOf(end);
    const before = connection.bytesWritten;
    const pieces = 1 + (detail % 3);
    for (let piece = 0; piece < pieces; piece++) {
      const bytes = patternFor(peer.number, peer.written, 1 + (detail % 2048));
      connection.write(bytes);
      peer.onPeerWrote(bytes.length);
    }
    const sent = pieces * (1 + (detail % 2048));
    await turnUntil(() => connection.bytesWritten === before + sent, 'sending');
    expectThat(connection.queuedBytes === 0, `${connection.queuedBytes} bytes stay in a queue`);
  },
};

/** The style of Observables, on the sockets of the blocking one. */
export const observables = [subscribe, send] as const;
