import { map, timer } from 'rxjs';
import { pacedMap } from 'bipoll/reactive';
import { virtualMessages } from 'bipoll/testing';
import { picture } from './Picture';

const shout = (bytes: Buffer) => timer(2).pipe(map(() => bytes.toString().toUpperCase()));

export const messages = [
  picture({
    name: 'messages',
    title:
      'Messages are received one by one, while there is demand: b waits in the kernel, as bytes do.',
    rows: {
      peers: { says: 'peers send', marbles: '-ab----c-----|' },
      reads: { says: 'we receive', stretches: ['^!', '---(^!)', '-----^-!', '---------^---!'] },
      operator: { operator: 'messages$.pipe(pacedMap(({ bytes, from }) => answer(bytes, from)))' },
      sent: { says: 'we answer', marbles: '---A-B---C' },
    },
    run({ peers, reads, sent }, scheduler, { expectSubscriptions }) {
      const socket = virtualMessages(scheduler, peers.marbles);
      socket.messages$
        .pipe(
          pacedMap(({ bytes }) => shout(bytes)),
          pacedMap((answer) => socket.send(answer)),
        )
        .subscribe();
      socket.expectSent(sent.marbles);
      expectSubscriptions(socket.reads).toBe([...reads.stretches]);
    },
  }),
];
