import type { Decoder } from '../../framing/Codec';
import type { Limits } from '../limits';
import type { Follower, Missing } from '../Session';
import type { Both, Direction, FrameBatch } from '../wire';
import { FrameDirection } from './FrameDirection';
import { FrameLog } from './FrameLog';

const NOTES: Readonly<Record<Missing, string>> = {
  unseen: 'It was opened before anybody looked: decoding begins here, perhaps within a frame.',
  unkept:
    'Bytes are missing that were not kept: decoding begins again here, perhaps within a frame.',
};

/** The frames of one connection, for one who has asked for them. */
export class FrameFeed implements Follower {
  readonly #log: FrameLog;
  readonly #directions: Both<FrameDirection>;
  #hasNews = true;

  constructor(decoder: Decoder<unknown>, limits: Limits) {
    this.#log = new FrameLog(limits);
    this.#directions = {
      in: new FrameDirection(decoder, 'in', this.#log),
      out: new FrameDirection(decoder, 'out', this.#log),
    };
  }

  chunk(time: number, direction: Direction, bytes: Uint8Array): void {
    this.#hasNews = true;
    this.#directions[direction].push(time, bytes);
  }

  end(time: number, direction: Direction, mark: '|' | '#'): void {
    this.#hasNews = true;
    this.#directions[direction].end(time, mark);
  }

  miss(time: number, what: Missing): void {
    this.#hasNews = true;
    for (const each of Object.values(this.#directions)) each.restart();
    this.#log.addNote(time, null, NOTES[what]);
  }

  /** Whether there is something to take: at first always. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  take(): FrameBatch {
    this.#hasNews = false;
    const { in: incoming, out: outgoing } = this.#directions;
    const restBytes = { in: incoming.restBytes, out: outgoing.restBytes };
    return { ...this.#log.take(), restBytes };
  }
}
