import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { until } from '../../support/until';
import { ended, MANY, type Play, playAll } from './plays';
import { told } from './sides';

const WRITING: Play[] = [
  {
    title: 'callbacks of writes come in order',
    ordersBothEnds: true,
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
    ordersBothEnds: true,
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
    ordersBothEnds: true,
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

playAll(WRITING);
playAll(READING);
