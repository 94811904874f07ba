// Browses what services there are on the network (RFC 6762 and 6763): whoever offers one answers a question to all.
//
//   npx tsx examples/reactive/mdns-browse.ts _http._tcp.local
//   npx tsx examples/reactive/mdns-browse.ts _ipp._tcp.local 192.168.1.20
import { distinct, filter, map, merge, mergeMap, type Observable, switchMap, timer } from 'rxjs';
import { ANY_IPV4 } from 'bipoll';
import { bind } from 'bipoll/reactive';
import { misused } from '../arguments';
import { decodeReply, type DnsReply, encodeQuestion, RecordType } from '../dns';

const GROUP = '224.0.0.251';
const PORT = 5353;
/** Milliseconds between two questions: an answer may be lost, or somebody new may have come. */
const AGAIN = 20_000;

export interface Browsing {
  /** The service, such as `_http._tcp.local`. */
  service: string;
  /** The address of the interface to ask on; by default the system chooses one. */
  by?: string;
  port?: number;
}

/** The names of those that offer a service, each once, for as long as somebody is subscribed. */
export function browse({ service, by, port = PORT }: Browsing): Observable<string> {
  const question = encodeQuestion({ id: 0, name: service, type: RecordType.PTR });
  return bind({ host: ANY_IPV4, port, reuseAddress: true }).pipe(
    switchMap(({ socket, messages$, send }) => {
      socket.addMembership(GROUP, by);
      if (by !== undefined) socket.setMulticastInterface(by);
      const asking$ = timer(0, AGAIN).pipe(mergeMap(() => send(question, { host: GROUP, port })));
      const replies$ = messages$.pipe(
        map(({ bytes }) => replyOf(bytes)),
        filter((reply) => reply !== null),
      );
      return merge(asking$, replies$);
    }),
    mergeMap(({ records }) => records),
    filter(({ type, name }) => type === RecordType.PTR && name === service),
    map(({ value }) => value),
    distinct(),
  );
}

/** Anybody may send anything: what is no reply is nobody's offer. */
function replyOf(bytes: Buffer): DnsReply | null {
  try {
    return decodeReply(bytes);
  } catch {
    return null;
  }
}

function main(): void {
  const [service, by] = process.argv.slice(2);
  if (service === undefined) misused('mdns-browse SERVICE [ADDRESS-OF-INTERFACE]');
  browse({ service, ...(by !== undefined && { by }) }).subscribe((name) => {
    console.log(name);
  });
}

if (require.main === module) main();
