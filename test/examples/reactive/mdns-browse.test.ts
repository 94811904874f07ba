import { lastValueFrom, switchMap, take, toArray } from 'rxjs';
import { ANY_IPV4, LOOPBACK_IPV4 } from 'bipoll';
import { bind, pacedMap } from 'bipoll/reactive';
import { encodeQuestion, RecordType } from '../../../examples/dns';
import { browse } from '../../../examples/reactive/mdns-browse';
import { freePort } from '../../support/freePort';

const GROUP = '224.0.0.251';
const service = '_chat._tcp.local';

/** The answer to a question: a record of that service for each instance, which point back to the question's name. */
function offering(question: Buffer, instances: readonly string[]): Buffer {
  const reply = Buffer.from(question);
  reply.writeUInt16BE(0x8400, 2);
  reply.writeUInt16BE(instances.length, 6);
  const records = instances.map((instance) => {
    const name = Buffer.concat([
      Buffer.of(instance.length),
      Buffer.from(instance),
      Buffer.of(0xc0, 12),
    ]);
    return Buffer.concat([Buffer.of(0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 120, 0, name.length), name]);
  });
  return Buffer.concat([reply, ...records]);
}

test('whoever offers a service on the loopback is found, once, and nonsense is passed over', async () => {
  const port = freePort();
  const responder = bind({ host: ANY_IPV4, port, reuseAddress: true })
    .pipe(
      switchMap(({ socket, messages$, send }) => {
        socket.addMembership(GROUP, LOOPBACK_IPV4);
        socket.setMulticastInterface(LOOPBACK_IPV4);
        const expected = encodeQuestion({ id: 0, name: service, type: RecordType.PTR });
        const answers = [
          Buffer.from('nonsense that is long enough'),
          offering(expected, ['one', 'two', 'one']),
        ];
        return messages$.pipe(
          pacedMap(({ bytes }) => (bytes.equals(expected) ? answers : [])),
          pacedMap((answer) => send(answer, { host: GROUP, port })),
        );
      }),
    )
    .subscribe();
  const found$ = browse({ service, by: LOOPBACK_IPV4, port }).pipe(take(2), toArray());
  expect(await lastValueFrom(found$)).toEqual([`one.${service}`, `two.${service}`]);
  responder.unsubscribe();
});
