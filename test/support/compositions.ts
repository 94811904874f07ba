import * as rx from 'rxjs';

type Compose = (data$: rx.Observable<Buffer>) => rx.Observable<Buffer>;

/** Ways from a connection's `data$` to an operator. All of them pass its chunks on, some of them later. */
const ways: Record<string, Compose> = {
  'nothing in between': (d) => d,
  map: (d) => d.pipe(rx.map((x) => x)),
  tap: (d) => d.pipe(rx.tap()),
  share: (d) => d.pipe(rx.share()),
  shareReplay: (d) => d.pipe(rx.shareReplay(1)),
  delay: (d) => d.pipe(rx.delay(0)),
  retry: (d) => d.pipe(rx.retry(1)),
  catchError: (d) => d.pipe(rx.catchError(() => rx.EMPTY)),
  startWith: (d) => d.pipe(rx.startWith(Buffer.alloc(1))),
  takeUntil: (d) => d.pipe(rx.takeUntil(rx.NEVER)),
  timeout: (d) => d.pipe(rx.timeout(60_000)),
  scan: (d) => d.pipe(rx.scan((_, x) => x)),
  bufferCount: (d) =>
    d.pipe(
      rx.bufferCount(1),
      rx.mergeMap((chunks) => chunks),
    ),
  mergeWith: (d) => d.pipe(rx.mergeWith(rx.NEVER)),
  concatWith: (d) => d.pipe(rx.concatWith(rx.EMPTY)),
  finalize: (d) => d.pipe(rx.finalize(() => undefined)),
  observeOn: (d) => d.pipe(rx.observeOn(rx.asapScheduler)),
  groupBy: (d) =>
    d.pipe(
      rx.groupBy(() => 1),
      rx.mergeMap((group) => group),
    ),
  connect: (d) => d.pipe(rx.connect((shared) => shared)),
  zipWith: (d) =>
    d.pipe(
      rx.zipWith(rx.interval(1)),
      rx.map(([x]) => x),
    ),
  auditTime: (d) => d.pipe(rx.auditTime(0)),
  pairwise: (d) =>
    d.pipe(
      rx.pairwise(),
      rx.map(([, x]) => x),
    ),
  exhaustMap: (d) => d.pipe(rx.exhaustMap((x) => rx.of(x))),
  concatMap: (d) => d.pipe(rx.concatMap((x) => rx.of(x))),
  from: (d) => rx.from(d),
  defer: (d) => rx.defer(() => d),
  merge: (d) => rx.merge(d, rx.NEVER),
  concat: (d) => rx.concat(rx.EMPTY, d),
  'new Observable': (d) => new rx.Observable((subscriber) => d.subscribe(subscriber)),
  switchMap: (d) => rx.of(1).pipe(rx.switchMap(() => d)),
  mergeMap: (d) => rx.of(1).pipe(rx.mergeMap(() => d)),
  Subject(d) {
    const subject = new rx.Subject<Buffer>();
    d.subscribe(subject);
    return subject;
  },
  iif: (d) => rx.iif(() => true, d, rx.EMPTY),
  race: (d) => rx.race(d, rx.NEVER),
  using: (d) =>
    rx.using(
      () => ({ unsubscribe: () => undefined }),
      () => d,
    ),
  combineLatest: (d) => rx.combineLatest([d]).pipe(rx.map(([x]) => x)),
  'switchMap behind a timer': (d) => rx.timer(0).pipe(rx.switchMap(() => d)),
};

/** Those that keep chunks, and emit them when the connection is not emitting any more. */
const later = ['delay', 'observeOn', 'zipWith', 'auditTime', 'pairwise'];

export const compositions = Object.entries(ways).map(([name, compose]) => ({
  name,
  compose,
  isSynchronous: !later.includes(name),
}));
