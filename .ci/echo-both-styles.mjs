// An echo in each style, on whichever runtime this is started with.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  delay,
  filter,
  firstValueFrom,
  map,
  mergeMap,
  ReplaySubject,
  scan,
  take,
  toArray,
} from 'rxjs';
import { socketPair } from 'bipoll';
import { lines } from 'bipoll/framing';
import { connect, decode, EventLoop, listen } from 'bipoll/reactive';
import { readUntil, writeAll } from 'bipoll/sync';

const [left, right] = socketPair();
writeAll(left, 'hello\n', { timeout: 1000 });
assert.equal(readUntil(right, '\n', { timeout: 1000 }).toString(), 'hello\n');
left.close();
right.close();

const name = `bipoll-${process.pid}.sock`;
const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
for (const target of [{ path }, { host: '127.0.0.1', port: 0 }]) {
  const bound = new ReplaySubject(1);
  const serving = listen(target, { onListening: (address) => bound.next(address) })
    .pipe(mergeMap((connection) => connection.send(connection.data$)))
    .subscribe();
  const address = await firstValueFrom(bound);
  await echoMuch(address);
  await echoOneByOne(address);
  serving.unsubscribe();
}

/** Until so many bytes are here, not until the end: a named pipe has no half-close to tell it by. */
async function echoMuch(address) {
  const message = Buffer.alloc(3_000_000, 'bipoll');
  const echoed = await firstValueFrom(
    connect(address).pipe(
      mergeMap((connection) => {
        connection.write(message);
        return connection.data$;
      }),
      scan((bytes, chunk) => Buffer.concat([bytes, chunk]), Buffer.alloc(0)),
      filter((bytes) => bytes.length >= message.length),
    ),
  );
  assert.ok(echoed.equals(message));
}

/** With pauses, in which nothing is ready: a runtime that tells only of the first readiness hangs here. */
async function echoOneByOne(address) {
  const messages = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  const echoed = await firstValueFrom(
    connect(address).pipe(
      mergeMap((connection) => {
        const send = (index) => connection.write(Buffer.from(`${messages[index] ?? ''}\n`));
        send(0);
        return connection.data$.pipe(
          decode(lines()),
          delay(5),
          map((line, index) => {
            send(index + 1);
            return line;
          }),
        );
      }),
      take(messages.length),
      toArray(),
    ),
  );
  assert.deepEqual(echoed, messages);
}

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
console.log(
  `${runtime}: both styles, on ${EventLoop.default.backend} by ${EventLoop.default.driver}`,
);
