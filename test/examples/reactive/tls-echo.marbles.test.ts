import type { Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { virtualConnection, virtualListener } from 'bipoll/testing';
import { type SecureClient, tlsEcho } from '../../../examples/reactive/tls-echo';
import { marbles } from '../../support/marbles';

/** A client that has shaken hands. */
const client = (scheduler: TestScheduler, peer: string, protocol: string) =>
  Object.assign(virtualConnection(scheduler, peer), { protocol });

/** Those of a diagram. */
const clients = (scheduler: TestScheduler, diagram: string, of: Record<string, SecureClient>) =>
  virtualListener(scheduler, diagram, of as never) as Observable<SecureClient>;

test(
  'each client is told of, and gets back what it says, to its end',
  marbles((scheduler) => {
    const a = client(scheduler, '  --x--y--|', '2');
    const b = client(scheduler, '  -----z--|', '3');
    const clients$ = clients(scheduler, '-ab|', { a, b });
    scheduler.expectObservable(tlsEcho(clients$)).toBe('-23-----|');
    a.expectSent('                  --x--y--|');
    b.expectSent('                  -----z--|');
  }),
);

test(
  'a client that fails is no concern of the others',
  marbles((scheduler) => {
    const fails = client(scheduler, '--x-#', '2');
    const good = client(scheduler, ' -----y-', '3');
    const clients$ = clients(scheduler, 'f-g', { f: fails, g: good });
    scheduler.expectObservable(tlsEcho(clients$)).toBe('2-3');
    good.expectSent('-----y');
  }),
);
