import { once } from 'node:events';
import { until } from '../../support/until';
import { ended, MANY, type Play, playAll } from './plays';

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
    title: 'a timeout that no timer takes',
    play: async ({ stream }) => {
      const refused: unknown[] = [];
      for (const milliseconds of [Infinity, NaN, -1]) {
        try {
          stream.setTimeout(milliseconds);
        } catch (error) {
          refused.push((error as NodeJS.ErrnoException).code);
        }
      }
      let fired = false;
      stream.setTimeout(2 ** 31, () => (fired = true));
      await new Promise((resolve) => setTimeout(resolve, 5)); // it would be a timer of 1 ms
      return [refused, fired, stream.timeout];
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

playAll(ITS_STATE);
playAll(TIMEOUTS);
