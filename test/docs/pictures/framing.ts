import { lines, ndjson } from 'bipoll/framing';
import { decode, encode } from 'bipoll/reactive';
import { virtualConnection } from 'bipoll/testing';
import { picture } from './Picture';

export const framing = [
  picture({
    name: 'decode',
    title: 'decode emits a frame when its last byte has come, however the bytes were cut.',
    rows: {
      peer: {
        says: 'the peer sends',
        marbles: '-a---b---c-|',
        shows: { a: 'he', b: 'llo⏎wo', c: 'rld' },
      },
      operator: { operator: 'data$.pipe(decode(lines()))' },
      frames: {
        says: 'emits',
        marbles: '       -----x-----(y|)',
        shows: { x: 'hello', y: 'world' },
      },
    },
    run({ peer, frames }, scheduler, { expectObservable }) {
      const values = { a: 'he', b: 'llo\nwo', c: 'rld' };
      const connection = virtualConnection(scheduler, peer.marbles, { values });
      const lines$ = connection.data$.pipe(decode(lines()));
      expectObservable(lines$).toBe(frames.marbles, { x: 'hello', y: 'world' });
    },
  }),
  picture({
    name: 'encode',
    title: 'encode makes the bytes of each frame.',
    rows: {
      frames: { says: 'frames', marbles: '-a---b---|', shows: { a: '{ n: 1 }', b: '"two"' } },
      operator: { operator: 'encode(ndjson())' },
      bytes: { says: 'emits', marbles: ' -x---y---|', shows: { x: '{"n":1}⏎', y: '"two"⏎' } },
    },
    run({ frames, bytes }, _scheduler, { cold, expectObservable }) {
      const bytes$ = cold<unknown>(frames.marbles, { a: { n: 1 }, b: 'two' }).pipe(
        encode(ndjson()),
      );
      const expected = { x: Buffer.from('{"n":1}\n'), y: Buffer.from('"two"\n') };
      expectObservable(bytes$).toBe(bytes.marbles, expected);
    },
  }),
];
