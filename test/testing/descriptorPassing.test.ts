import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { capabilities, type LocalStream, type Socket, socketPair } from 'bipoll';
import { virtualConnection } from 'bipoll/testing';
import { describeWhere } from '../support/where';

const { descriptorPassing } = capabilities().features;

describeWhere(descriptorPassing, 'there is no passing of descriptors')(
  'descriptors over a virtual connection',
  () => {
    const run = (test: (scheduler: TestScheduler) => void) => {
      const scheduler = new TestScheduler((actual, expected) => {
        expect(actual).toEqual(expected);
      });
      scheduler.run(() => {
        test(scheduler);
      });
    };
    let sockets: LocalStream[];
    beforeEach(() => (sockets = socketPair()));
    afterEach(() => {
      for (const socket of sockets) socket.close();
    });

    test('come with the chunk that the diagram says', () => {
      const [one, two] = sockets as [LocalStream, LocalStream];
      const heard: (string | Socket)[] = [];
      run((scheduler) => {
        const values = {
          a: { bytes: 'one', descriptors: [one] },
          b: 'none',
          c: { bytes: 'two', descriptors: [two] },
        };
        const connection = virtualConnection(scheduler, '-a-b-c|', { values });
        connection.descriptors$.subscribe((descriptor) => heard.push(descriptor));
        connection.data$.subscribe((chunk) => heard.push(chunk.toString()));
      });
      expect(
        heard.map((each) =>
          typeof each === 'string' ? each : sockets.findIndex((one) => one === each),
        ),
      ).toEqual([0, 'one', 'none', 1, 'two']);
      expect(sockets.some(({ closed }) => closed)).toBe(false);
    });

    test('are closed where nobody takes them', () => {
      const [one, two] = sockets as [LocalStream, LocalStream];
      run((scheduler) => {
        const values = {
          a: { bytes: 'one', descriptors: [one] },
          b: { bytes: 'two', descriptors: [two] },
        };
        const connection = virtualConnection(scheduler, '-a---b|', { values });
        const reading = connection.data$.subscribe();
        scheduler.schedule(() => {
          reading.unsubscribe();
        }, 3);
        scheduler.schedule(() => {
          connection.close();
        }, 8);
      });
      expect(sockets.every(({ closed }) => closed)).toBe(true);
    });

    test('that are sent can be looked at', () => {
      const [one] = sockets as [LocalStream, LocalStream];
      run((scheduler) => {
        const connection = virtualConnection(scheduler, '-a');
        const answers$ = connection.data$.pipe(map(() => ({ bytes: 'b', descriptors: [one] })));
        connection.send(answers$).subscribe();
        connection.expectSent('-b');
        scheduler.schedule(() => {
          expect(connection.sentDescriptors).toEqual([one]);
        }, 2);
      });
      expect.assertions(2);
    });

    test('need a local one', () => {
      const [one] = sockets as [LocalStream, LocalStream];
      run((scheduler) => {
        const connection = virtualConnection(scheduler, '', { remoteAddress: '127.0.0.1' });
        expect(() => connection.write({ bytes: 'x', descriptors: [one] })).toThrow(
          expect.objectContaining({ code: 'ENOTSUP' }),
        );
      });
    });
  },
);
