import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { until } from '../../support/until';
import { ended, MANY, type Play, playAll } from './plays';
import { told } from './sides';

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
    title: 'iterating to the peer’s end closes it, and that is no error',
    play: async ({ stream, peer, trace }) => {
      const closed = ended(stream);
      peer.end('bye');
      for await (const chunk of stream) trace.push(String(chunk));
      trace.push(`writable ${stream.writable}`);
      await closed;
    },
  },
  {
    title: 'what the peer has ended can be answered where that is allowed',
    ordersBothEnds: true,
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
    ordersBothEnds: true,
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
    ordersBothEnds: true,
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

playAll(THE_PEERS_END);
playAll(ITS_END);
