import { ignoreElements, map, timer } from 'rxjs';
import { pacedMap } from 'bipoll/reactive';
import { virtualConnection } from 'bipoll/testing';
import { picture } from './Picture';

const work = (chunk: Buffer) => timer(3).pipe(map(() => chunk.toString()));

export const pacing = [
  picture({
    name: 'pacedMap',
    title: 'While pacedMap works on a value, the connection is not read: b waits in the kernel.',
    rows: {
      peer: { says: 'the peer sends', marbles: '--a-b-------|' },
      reads: { says: 'we read', stretches: ['^-!', '-----(^!)', '--------^---!'] },
      operator: { operator: 'data$.pipe(pacedMap(work)), and each work takes 3 ms' },
      results: { says: 'emits', marbles: '-----a--b---|' },
    },
    run({ peer, reads, results }, scheduler, { expectObservable, expectSubscriptions }) {
      const connection = virtualConnection(scheduler, peer.marbles);
      expectObservable(connection.data$.pipe(pacedMap(work))).toBe(results.marbles);
      expectSubscriptions(connection.reads).toBe([...reads.stretches]);
    },
  }),
  picture({
    name: 'pacedMap-concurrency',
    title: 'With a concurrency of 2 the connection is held while two are at work.',
    rows: {
      peer: { says: 'the peer sends', marbles: '--abc------|' },
      reads: { says: 'we read', stretches: ['^--!', '-----(^!)', '------^----!'] },
      operator: { operator: 'data$.pipe(pacedMap(work, { concurrency: 2 }))' },
      results: { says: 'emits', marbles: '-----ab-c--|' },
    },
    run({ peer, reads, results }, scheduler, { expectObservable, expectSubscriptions }) {
      const connection = virtualConnection(scheduler, peer.marbles);
      const results$ = connection.data$.pipe(pacedMap(work, { concurrency: 2 }));
      expectObservable(results$).toBe(results.marbles);
      expectSubscriptions(connection.reads).toBe([...reads.stretches]);
    },
  }),
  picture({
    name: 'send',
    title:
      'send holds its source back while the queue is full, and completes when the system has all.',
    rows: {
      source: { says: 'the source sends', marbles: '-a-b-c----|' },
      reads: { says: 'we read', stretches: ['^--!', '-------^--!'] },
      operator: { operator: 'sink.send(source.data$)' },
      room: { says: 'full, drained', marbles: '--f----d', shows: { f: 'full', d: 'drained' } },
      sent: { says: 'the sink takes', marbles: '-a-----(bc)' },
      over: { says: 'send is over', marbles: '----------|' },
    },
    run({ source, reads, room, sent, over }, scheduler, { expectObservable, expectSubscriptions }) {
      const from = virtualConnection(scheduler, source.marbles);
      const sink = virtualConnection(scheduler, '', { room: room.marbles, highWaterMark: 1 });
      expectObservable(sink.send(from.data$).pipe(ignoreElements())).toBe(over.marbles);
      sink.expectSent(sent.marbles);
      expectSubscriptions(from.reads).toBe([...reads.stretches]);
    },
  }),
];
