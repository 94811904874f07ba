// An echo in each style, on whichever runtime this is started with.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, mergeMap, scan } from 'rxjs';
import { socketPair } from 'bipoll';
import { connect, EventLoop, listen } from 'bipoll/reactive';
import { readUntil, writeAll } from 'bipoll/sync';

const [left, right] = socketPair();
writeAll(left, 'hello\n', { timeout: 1000 });
assert.equal(readUntil(right, '\n', { timeout: 1000 }).toString(), 'hello\n');
left.close();
right.close();

const name = `bipoll-${process.pid}.sock`;
const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), name);
const serving = listen({ path })
  .pipe(mergeMap((connection) => connection.send(connection.data$)))
  .subscribe();
const message = Buffer.alloc(3_000_000, 'bipoll');
// Until so many bytes are here, not until the end: a named pipe has no half-close to tell it by.
const echoed = await firstValueFrom(
  connect({ path }).pipe(
    mergeMap((connection) => {
      connection.write(message);
      return connection.data$;
    }),
    scan((bytes, chunk) => Buffer.concat([bytes, chunk]), Buffer.alloc(0)),
    filter((bytes) => bytes.length >= message.length),
  ),
);
assert.ok(echoed.equals(message));
serving.unsubscribe();

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
console.log(
  `${runtime}: both styles, on ${EventLoop.default.backend} by ${EventLoop.default.driver}`,
);
