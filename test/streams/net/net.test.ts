import { once } from 'node:events';
import { finished, pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { until } from '../../support/until';
import { bothTraces, type Scene, told, wires } from './sides';

/*
 * What differs on purpose, so that no scene shows it:
 * - `remoteAddress` is known after the end: that is when it is logged.
 * - `writableLength` and `bytesWritten` count text in bytes, not in characters.
 * - 'finish' comes as soon as the system has our end, not a turn of the event loop later.
 * - A reset sends no end before it, which would hide the reset from a peer that has stopped reading at the end.
 * - It cannot be connected again once it is closed.
 */

const MANY = 5_000_000;
/** Unlike `once` it does not mind an `'error'` before. */
const ended = (stream: Scene['stream']) =>
  new Promise((resolve) => {
    stream.once('close', resolve);
  });

interface Play {
  readonly title: string;
  readonly play: (scene: Scene) => Promise<unknown>;
  readonly allowHalfOpen?: boolean;
}

const ITS_STATE: Play[] = [
  {
    title: 'its properties while it is open',
    play: async ({ stream, peer, trace }) => {
      peer.write('hello');
      await until(() => stream.bytesRead === 5);
      stream.write('four');
      const { readyState, pending, connecting, destroyed, readable, writable } = stream;
      const { bytesRead, bytesWritten, remoteFamily, remoteAddress, localFamily } = stream;
      trace.push(
        JSON.stringify({ readyState, pending, connecting, destroyed, readable, writable }),
      );
      trace.push(JSON.stringify({ bytesRead, bytesWritten, remoteFamily, remoteAddress }));
      const { address, family, port } = stream.address() as Record<string, unknown>;
      trace.push(JSON.stringify({ localFamily, address, family, port: typeof port }));
      trace.push(JSON.stringify([stream.localAddress, stream.timeout, stream.allowHalfOpen]));
    },
  },
  {
    title: 'its properties when it is destroyed',
    play: async ({ stream, trace }) => {
      stream.write('four');
      stream.destroy();
      const { readyState, pending, connecting, destroyed, bytesWritten, localAddress } = stream;
      trace.push(JSON.stringify({ readyState, pending, connecting, destroyed, bytesWritten }));
      trace.push(JSON.stringify([localAddress, stream.address()]));
      await ended(stream);
      trace.push(JSON.stringify([stream.closed, stream.errored, stream.readyState]));
    },
  },
  {
    title: 'readyState follows each end',
    allowHalfOpen: true,
    play: async ({ stream, peer, trace }) => {
      stream.resume();
      peer.end();
      await once(stream, 'end');
      trace.push(stream.readyState);
      stream.end();
      trace.push(stream.readyState);
      await ended(stream);
    },
  },
  {
    title: 'bytesWritten counts what waits, and what is corked',
    play: async ({ stream, trace }) => {
      stream.write(Buffer.alloc(MANY));
      stream.write('ünd', 'utf8');
      trace.push(`${stream.bytesWritten}`);
      stream.cork();
      stream.write('more');
      trace.push(`${stream.bytesWritten}`);
      await Promise.resolve();
    },
  },
  {
    title: 'settings give the stream back, whatever they are given',
    play: async ({ stream, trace }) => {
      const given = [
        stream.setNoDelay(),
        stream.setNoDelay(false),
        stream.setKeepAlive(),
        stream.setKeepAlive(true, '1000' as never),
        stream.setKeepAlive(true, -5),
        stream.setKeepAlive(true, NaN),
        stream.setTimeout(0),
        stream.ref().unref().ref(),
      ];
      trace.push(`${given.every((each) => each === stream)}`);
      stream.destroy();
      await ended(stream);
      trace.push(`${stream.setKeepAlive(true, 1000).setNoDelay().unref() === stream}`);
    },
  },
];

const THE_PEERS_END: Play[] = [
  {
    title: 'the peer’s end is told though nobody reads',
    play: ({ stream, peer }) => (peer.end(), ended(stream)),
  },
  {
    title: 'the peer’s end behind bytes waits for a reader',
    play: async ({ stream, peer, trace }) => {
      peer.end('last words');
      await until(() => stream.readableLength === 10);
      trace.push('read now');
      stream.resume();
      await ended(stream);
    },
  },
  {
    title: 'the peer’s end is the end of both sides',
    play: ({ stream, peer }) => (stream.resume(), peer.end('bye'), ended(stream)),
  },
  {
    title: 'what the peer has ended can be answered where that is allowed',
    allowHalfOpen: true,
    play: async ({ stream, peer, trace }) => {
      peer.end('question');
      stream.resume();
      await once(stream, 'end');
      stream.end('answer', () => trace.push('ended'));
      trace.push((await buffer(peer)).toString());
      if (!stream.closed) await ended(stream);
    },
  },
  {
    title: 'a write behind the peer’s end is EPIPE',
    play: async ({ stream, peer, trace }) => {
      stream.resume();
      peer.end();
      await once(stream, 'finish');
      trace.push(`${stream.write('too late', told(trace, 'write'))}`);
      await ended(stream);
    },
  },
  {
    title: 'a peer that is reset is an error',
    play: async ({ stream, peer, isTcp }) => {
      if (!isTcp) return;
      stream.resume();
      peer.resetAndDestroy();
      await ended(stream);
    },
  },
  {
    title: 'the peer’s end comes before the failure of a write that follows it',
    allowHalfOpen: true,
    play: async ({ stream, peer, trace }) => {
      peer.destroy();
      await once(stream, 'end');
      const failing = setInterval(() => stream.writable && stream.write('x'), 1);
      await ended(stream).finally(() => {
        clearInterval(failing);
      });
      trace[1] = trace[1]!.replace('ECONNRESET', 'EPIPE'); // as the system happens to find it
    },
  },
];

const ITS_END: Play[] = [
  {
    title: 'ending it, and then the peer',
    play: async ({ stream, peer, trace }) => {
      stream.resume();
      stream.end('question', told(trace, 'end'));
      await once(stream, 'finish');
      trace.push((await buffer(peer)).toString());
      peer.end('answer');
      await ended(stream);
    },
  },
  {
    title: 'ending it twice',
    play: async ({ stream, trace }) => {
      stream.end();
      stream.end(told(trace, 'second'));
      await once(stream, 'finish');
      stream.end(told(trace, 'third'));
      await new Promise(setImmediate);
    },
  },
  {
    title: 'a write behind end()',
    play: async ({ stream, trace }) => {
      stream.end('last');
      stream.write('later', told(trace, 'write'));
      await ended(stream);
    },
  },
  {
    title: 'a write behind destroy()',
    play: async ({ stream, trace }) => {
      stream.destroy();
      trace.push(`${stream.write('later', told(trace, 'write'))}`);
      stream.end(told(trace, 'end'));
      await ended(stream);
    },
  },
  {
    title: 'destroySoon sends what was written',
    play: async ({ stream, peer, trace }) => {
      stream.write(Buffer.alloc(MANY), told(trace, 'write'));
      stream.destroySoon();
      trace.push(`${(await buffer(peer)).length}`);
      if (!stream.closed) await ended(stream);
    },
  },
  {
    title: 'resetAndDestroy sends what was written, and is refused where there is no reset',
    play: async ({ stream, trace, isTcp }) => {
      if (isTcp) stream.write('last words', told(trace, 'write'));
      try {
        trace.push(`${stream.resetAndDestroy() === stream}`);
        await ended(stream);
      } catch (error) {
        trace.push((error as NodeJS.ErrnoException).code!);
      }
    },
  },
  {
    title: 'resetAndDestroy of what is destroyed',
    play: async ({ stream }) => {
      stream.destroy();
      stream.resetAndDestroy();
      await ended(stream);
    },
  },
];

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

const WRITING: Play[] = [
  {
    title: 'callbacks of writes come in order',
    play: async ({ stream, peer, trace }) => {
      const got = buffer(peer);
      stream.write('a', told(trace, 'a'));
      stream.write(Buffer.alloc(MANY), told(trace, 'large'));
      stream.write('', told(trace, 'empty'));
      stream.end('z', told(trace, 'end'));
      await once(stream, 'finish');
      trace.push(`${(await got).length}`);
    },
  },
  {
    title: 'a large write drains',
    play: async ({ stream, peer, trace }) => {
      trace.push(`${stream.write(Buffer.alloc(MANY))} ${stream.writableNeedDrain}`);
      peer.resume();
      await once(stream, 'drain');
      trace.push(`${stream.writableNeedDrain} ${stream.writableLength} ${stream.bytesWritten}`);
    },
  },
  {
    title: 'encodings, and what was corked',
    play: async ({ stream, peer, trace }) => {
      stream.cork();
      stream.write('6869', 'hex');
      stream.write('é', 'latin1');
      stream.setDefaultEncoding('base64').write('aGk=');
      stream.uncork();
      stream.end();
      trace.push((await buffer(peer)).toString('hex'));
    },
  },
  {
    title: 'what cannot be written is refused',
    play: async ({ stream, trace }) => {
      for (const bad of [1, {}, null, undefined]) {
        try {
          stream.write(bad as never);
        } catch (error) {
          trace.push((error as NodeJS.ErrnoException).code!);
        }
      }
      await Promise.resolve();
    },
  },
  {
    title: 'a pipeline into it',
    play: async ({ stream, peer, trace }) => {
      const got = buffer(peer);
      pipeline(Readable.from([Buffer.alloc(MANY), Buffer.from('z')]), stream, (error) => {
        told(trace, 'pipeline')(error);
      });
      trace.push(`${(await got).length}`);
      peer.end();
      if (!stream.closed) await ended(stream);
    },
  },
];

const READING: Play[] = [
  {
    title: 'it reads ahead up to its mark, and the rest when that is taken',
    play: async ({ stream, peer, trace }) => {
      peer.end(Buffer.alloc(MANY));
      await until(() => stream.readableLength >= stream.readableHighWaterMark);
      trace.push(`${stream.readableFlowing}`);
      let length = 0;
      stream.on('data', (chunk: Buffer) => (length += chunk.length));
      await ended(stream);
      trace.push(`${length}, of ${stream.bytesRead}`);
    },
  },
  {
    title: 'pause in data, and resume',
    play: async ({ stream, peer, trace }) => {
      let length = 0;
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length;
        stream.pause();
        setImmediate(() => stream.resume());
      });
      peer.end(Buffer.alloc(MANY));
      await ended(stream);
      trace.push(`${length}`);
    },
  },
  {
    title: 'readable, read and unshift',
    play: async ({ stream, peer, trace }) => {
      peer.write('abcdef');
      await until(() => stream.readableLength === 6);
      trace.push(String(stream.read(2)));
      stream.unshift('X');
      trace.push(String(stream.read(5)), String(stream.read(5)));
      peer.end();
      await ended(stream);
    },
  },
  {
    title: 'setEncoding gives text, characters whole',
    play: async ({ stream, peer, trace }) => {
      stream.setEncoding('utf8');
      const euro = Buffer.from('€');
      let text = '';
      stream.on('data', (part: string) => (text += part));
      peer.write(euro.subarray(0, 1));
      await until(() => stream.bytesRead === 1);
      peer.end(euro.subarray(1));
      await ended(stream);
      trace.push(text);
    },
  },
  {
    title: 'leaving a for await destroys it',
    play: async ({ stream, peer, trace }) => {
      peer.write('x');
      for await (const chunk of stream) {
        trace.push(String(chunk));
        break;
      }
      if (!stream.closed) await ended(stream);
    },
  },
];

const TIMEOUTS: Play[] = [
  {
    title: 'timeout, once, and again only after something has moved',
    play: async ({ stream, peer }) => {
      stream.resume().setTimeout(10);
      await once(stream, 'timeout');
      const again = once(stream, 'timeout');
      peer.write('x');
      await again;
    },
  },
  {
    title: 'the callback of setTimeout, and 0 for none',
    play: async ({ stream, trace }) => {
      const never = () => trace.push('never');
      stream.setTimeout(5, never);
      stream.setTimeout(0, never);
      await new Promise<void>((resolve) => stream.setTimeout(5, resolve));
      trace.push(`${stream.timeout}, ${stream.listenerCount('timeout')}, ${stream.destroyed}`);
    },
  },
  {
    title: 'what was destroyed does not time out',
    play: async ({ stream }) => {
      stream.setTimeout(1).destroy();
      await ended(stream);
      stream.setTimeout(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  },
];

const THEMES: [theme: string, plays: Play[]][] = [
  ['state', ITS_STATE],
  ['the peer’s end', THE_PEERS_END],
  ['its own end', ITS_END],
  ['destroying', DESTROYING],
  ['writing', WRITING],
  ['reading', READING],
  ['timeouts', TIMEOUTS],
];

describe.each(wires)('a Duplex over $name does as a net.Socket does', (wire) => {
  describe.each(THEMES)('%s', (_, plays) => {
    test.each(plays)('$title', async ({ play, allowHalfOpen = false }) => {
      const traces = await bothTraces(wire, { allowHalfOpen }, play);
      expect(traces.bipoll).toEqual(traces.net);
    });
  });
});
