import { map, take, timer } from 'rxjs';
import { virtualConnection } from 'bipoll/testing';
import { picture } from './Picture';

const text = map((chunk: Buffer) => chunk.toString());

export const connections = [
  picture({
    name: 'connection',
    title: 'A connection: each side ends on its own, and it is closed when both have.',
    rows: {
      peer: { says: 'the peer sends', marbles: '-a---b--|' },
      reads: { says: 'we read', stretches: ['^-------!'] },
      data: { says: 'data$', marbles: '-a---b--|' },
      sent: { says: 'we send', marbles: '---x------y-|' },
      closed: { says: 'closed$', marbles: '------------(n|)', shows: { n: 'null' } },
    },
    run({ peer, reads, data, sent, closed }, scheduler, { expectObservable, expectSubscriptions }) {
      const connection = virtualConnection(scheduler, peer.marbles, { allowHalfOpen: true });
      expectObservable(connection.data$.pipe(text)).toBe(data.marbles);
      expectObservable(connection.closed$).toBe(closed.marbles, { n: null });
      timer(3).subscribe(() => connection.write('x'));
      timer(10).subscribe(() => connection.write('y'));
      timer(12).subscribe(() => {
        connection.end();
      });
      connection.expectSent(sent.marbles);
      expectSubscriptions(connection.reads).toBe([...reads.stretches]);
    },
  }),
  picture({
    name: 'reset',
    title: 'A reset ends both directions at once, with an error.',
    rows: {
      peer: { says: 'the peer resets', marbles: '-a---#' },
      data: { says: 'data$', marbles: '-a---#' },
      sent: { says: 'we send', marbles: '---x-#' },
      closed: { says: 'closed$', marbles: '-----(e|)', shows: { e: 'ECONNRESET' } },
    },
    run({ peer, data, sent, closed }, scheduler, { expectObservable }) {
      const error = new Error('reset');
      const connection = virtualConnection(scheduler, peer.marbles, { error });
      expectObservable(connection.data$.pipe(text)).toBe(data.marbles, undefined, error);
      expectObservable(connection.closed$).toBe(closed.marbles, { e: error });
      timer(3).subscribe(() => connection.write('x'));
      connection.expectSent(sent.marbles);
    },
  }),
  picture({
    name: 'demand',
    title:
      'Reading is demand: without a subscriber nothing is read, and the next one goes on where the last one stopped.',
    rows: {
      peer: { says: 'the peer sends', marbles: '-a--b--c-|' },
      reads: { says: 'we read', stretches: ['^!', '------^--!'] },
      first: { says: 'data$.pipe(take(1))', marbles: '-(a|)' },
      second: { says: 'data$, later', marbles: '------bc-|' },
    },
    run({ peer, reads, first, second }, scheduler, { expectObservable, expectSubscriptions }) {
      const connection = virtualConnection(scheduler, peer.marbles);
      expectObservable(connection.data$.pipe(take(1), text)).toBe(first.marbles);
      expectObservable(connection.data$.pipe(text), '------^').toBe(second.marbles);
      expectSubscriptions(connection.reads).toBe([...reads.stretches]);
    },
  }),
];
