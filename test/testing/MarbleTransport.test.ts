import type { TransportEvents } from '../../src/reactive/connection/Transport';
import { Demand } from '../../src/reactive/loop/records';
import { MarbleTransport } from '../../src/testing/MarbleTransport';
import { marbleScheduler } from './marbles';

test('a transport tells nothing more once it is closed', () => {
  const scheduler = marbleScheduler();
  const told: unknown[] = [];
  const events = new Proxy({} as TransportEvents, {
    get: (_, name) => () => told.push(name),
  });
  scheduler.run(({ flush }) => {
    const transport = new MarbleTransport(scheduler, false);
    transport.start(events);
    transport.want(Demand.Bytes);
    transport.arrive(Buffer.from('before'));
    transport.setRoom(false);
    transport.send('queued');
    expect(transport.close(null)).toBe(6);
    transport.arrive(Buffer.from('behind'));
    transport.endPeer();
    transport.setRoom(true);
    transport.resetPeer(new Error('gone'));
    flush();
  });
  expect(told).toEqual(['onBytes']);
});
