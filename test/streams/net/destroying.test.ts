import { once } from 'node:events';
import { finished } from 'node:stream';
import { ended, MANY, type Play, playAll } from './plays';
import { type Scene, told } from './sides';

type Moment = [name: string, prepare: (scene: Scene) => unknown];

const MOMENTS: Moment[] = [
  ['at first', () => undefined],
  ['while it reads', ({ stream }) => stream.resume()],
  ['while it is paused', ({ stream, peer }) => (stream.pause(), peer.write('x'))],
  [
    'while a write is pending',
    ({ stream, trace }) => {
      stream.write(Buffer.alloc(MANY));
      stream.write('queued', told(trace, 'queued'));
    },
  ],
  [
    'while its end is pending',
    ({ stream, trace }) => {
      stream.write(Buffer.alloc(MANY));
      stream.end('queued', told(trace, 'end'));
    },
  ],
  ['when it was ended', async ({ stream }) => (stream.end(), once(stream, 'finish'))],
  ['when the peer has ended', async ({ stream, peer }) => (peer.end(), once(stream, 'end'))],
  ['in its data event', async ({ stream, peer }) => (peer.write('x'), once(stream, 'data'))],
  ['in its timeout event', async ({ stream }) => (stream.setTimeout(5), once(stream, 'timeout'))],
  ['while it is corked', ({ stream }) => (stream.cork(), stream.write('never'))],
];

const DESTROYING = MOMENTS.flatMap(([name, prepare]): Play[] =>
  [null, Object.assign(new Error('enough'), { code: 'ENOUGH' })].map((error) => ({
    title: `destroying it ${name}${error ? ', with an error' : ''}`,
    allowHalfOpen: true,
    play: async (scene) => {
      const { stream, trace } = scene;
      finished(stream, told(trace, 'finished'));
      await prepare(scene);
      stream.destroy(error ?? undefined);
      stream.destroy(new Error('too late'));
      await ended(stream);
    },
  })),
);

playAll(DESTROYING);
