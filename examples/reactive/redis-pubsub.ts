// Publish and subscribe with Redis: a subscription that outlives its connection, and the server.
//
//   npx tsx examples/reactive/redis-pubsub.ts --port 6379 subscribe news sport
//   npx tsx examples/reactive/redis-pubsub.ts --port 6379 publish news hello
import {
  asyncScheduler,
  concat,
  first,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  take,
  takeUntil,
  timeout,
} from 'rxjs';
import {
  connect,
  type Connection,
  decode,
  reconnect,
  type ReconnectOptions,
} from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';
import { RedisError, type Reply, resp } from '../redis-client';

/** That a subscription has begun, again after each reconnection; or what was published. */
export type News =
  { kind: 'subscribe'; channel: string } | { kind: 'message'; channel: string; text: string };

export interface SubscribeOptions extends ReconnectOptions {
  /** Milliseconds between two pings; of whom nothing is heard for twice as long is taken for dead. */
  ping?: number;
}

/**
 * Redis keeps nothing for a subscriber who is away: what is published between a lost connection and the next
 * `subscribe` is not heard.
 *
 * @param connections$ connects whenever it is subscribed to
 */
export function subscribe(
  connections$: Observable<Connection>,
  channels: readonly string[],
  { ping = 10_000, ...options }: SubscribeOptions = {},
): Observable<News> {
  const { scheduler = asyncScheduler } = options;
  return connections$.pipe(
    switchMap((connection) => hear(connection, channels, ping, scheduler)),
    reconnect(options),
  );
}

function hear(
  connection: Connection,
  channels: readonly string[],
  ping: number,
  scheduler: SchedulerLike,
): Observable<News> {
  const pings$ = interval(ping, scheduler).pipe(map(() => command('PING')));
  const sent$ = connection.send(concat(of(command('SUBSCRIBE', ...channels)), pings$));
  // A host that vanished does not even end the connection.
  const bytes$ = connection.data$.pipe(timeout({ each: 2 * ping, scheduler }));
  const news$ = repliesOf(bytes$).pipe(
    mergeMap(([kind, channel, text]): News[] => {
      if (kind === 'subscribe') return [{ kind, channel: String(channel) }];
      if (kind === 'message') return [{ kind, channel: String(channel), text: String(text) }];
      return []; // the answer to a ping
    }),
  );
  return merge(news$, sent$.pipe(ignoreElements())).pipe(takeUntil(connection.closed$));
}

/** @returns how many subscribers heard it */
export function publish(connection: Connection, channel: string, text: string): Observable<number> {
  const sent$ = connection.send([command('PUBLISH', channel, text)]).pipe(ignoreElements());
  return merge(repliesOf(connection.data$), sent$).pipe(
    first(),
    map(([subscribers]) => Number(subscribers)),
  );
}

/** Replies, each as an array, which are never nested here. An error of Redis is one of the Observable. */
function repliesOf(bytes$: Observable<Buffer>): Observable<readonly Reply[]> {
  let items: Reply[] = [];
  let missing = 0;
  return bytes$.pipe(
    decode(resp),
    mergeMap((token) => {
      if ('arrayLength' in token) {
        items = [];
        missing = token.arrayLength;
        return [];
      }
      if (token.reply instanceof RedisError) throw token.reply;
      items.push(token.reply);
      if (--missing > 0) return [];
      const whole = items;
      items = [];
      return [whole];
    }),
  );
}

function command(...words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

function main(): void {
  const usage =
    'redis-pubsub (--port PORT | --path PATH) (subscribe CHANNEL... | publish CHANNEL TEXT)';
  const { target, rest } = readArguments(usage);
  const [verb, channel, text] = rest;
  const connections$ = connect(target, { timeout: 5000 });
  if (verb === 'subscribe' && channel !== undefined) {
    subscribe(connections$, rest.slice(1)).subscribe((news) => {
      console.log(news);
    });
  } else if (verb === 'publish' && channel !== undefined && text !== undefined) {
    connections$
      .pipe(
        switchMap((connection) => publish(connection, channel, text)),
        take(1),
      )
      .subscribe((subscribers) => {
        console.log(subscribers);
      });
  } else {
    misused(usage);
  }
}

if (require.main === module) main();
