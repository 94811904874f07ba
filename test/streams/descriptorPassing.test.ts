import { LocalStream, type Socket, socketPair, capabilities } from 'bipoll';
import { fromSocket } from 'bipoll/reactive';
import { toDuplex } from 'bipoll/streams';
import { readExactly, writeAll } from 'bipoll/sync';
import { fill } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';
import { describeWhere } from '../support/where';

const timeout = PATIENCE;
const { descriptorPassing } = capabilities().features;

describeWhere(descriptorPassing, 'there is no passing of descriptors')(
  'descriptors over a Duplex',
  () => {
    let sockets: Socket[] = [];
    afterEach(() => {
      for (const socket of sockets) socket.close();
      sockets = [];
    });

    function pair(): [LocalStream, LocalStream] {
      const made = socketPair();
      sockets.push(...made);
      return made;
    }

    function areEnds(left: Socket | undefined, right: LocalStream): boolean {
      if (!(left instanceof LocalStream)) return false;
      writeAll(left, 'x', { timeout });
      return readExactly(right, 1, { timeout }).toString() === 'x';
    }

    test('come before the data that has their byte', async () => {
      const [here, peer] = pair();
      const [mine, theirs] = pair();
      const connection = fromSocket(here);
      const heard: (string | Socket)[] = [];
      connection.descriptors$.subscribe((descriptor) => {
        sockets.push(descriptor);
        heard.push(descriptor);
      });
      toDuplex(connection).on('data', (chunk: Buffer) => heard.push(chunk.toString()));
      peer.sendDescriptors(Buffer.from('take it'), [theirs]);
      await until(() => heard.length === 2);
      const [descriptor, chunk] = heard;
      expect(typeof descriptor !== 'string' && areEnds(descriptor, mine)).toBe(true);
      expect(chunk).toBe('take it');
    });

    test('go with their bytes, behind all that waits in the stream', async () => {
      const [here, peer] = pair();
      const [mine, theirs] = pair();
      const filled = fill(here);
      const duplex = toDuplex(fromSocket(here));
      duplex.write('one ');
      duplex.write('two ');
      const written = new Promise((resolve) => {
        duplex.write({ bytes: 'with ', descriptors: [theirs] }, () => {
          theirs.close();
          resolve(undefined);
        });
      });
      duplex.end('four');
      readExactly(peer, filled, { timeout });
      await written;
      const reader = fromSocket(peer);
      const received: Socket[] = [];
      let text = '';
      let textBefore = '';
      reader.descriptors$.subscribe((descriptor) => {
        sockets.push(descriptor);
        received.push(descriptor);
        textBefore = text;
      });
      await new Promise<void>((complete) => {
        reader.data$.subscribe({ next: (chunk) => (text += chunk.toString()), complete });
      });
      expect(text).toBe('one two with four');
      expect('one two ').toContain(textBefore);
      expect(received.length).toBe(1);
      expect(areEnds(received[0], mine)).toBe(true);
    });

    test('are refused where they are none', () => {
      const [here] = pair();
      const duplex = toDuplex(fromSocket(here));
      const refusal = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error;
      expect(() => duplex.write({ bytes: 'x', descriptors: [1] })).toThrow(refusal);
      expect(() => duplex.write({ descriptors: [] })).toThrow(refusal);
      duplex.destroy();
    });
  },
);
