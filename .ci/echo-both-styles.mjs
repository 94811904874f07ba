// An echo in each style, on whichever runtime this is started with.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, mergeMap, reduce } from 'rxjs';
import { socketPair } from 'bipoll';
import { connect, EventLoop, listen } from 'bipoll/reactive';
import { readUntil, writeAll } from 'bipoll/sync';

const [left, right] = socketPair();
writeAll(left, 'hello\n', { timeout: 1000 });
assert.equal(readUntil(right, '\n', { timeout: 1000 }).toString(), 'hello\n');
left.close();
right.close();

const path = join(tmpdir(), `bipoll-${process.pid}.sock`);
const serving = listen({ path })
  .pipe(mergeMap((connection) => connection.send(connection.data$)))
  .subscribe();
const message = Buffer.alloc(3_000_000, 'bipoll');
const echoed = await lastValueFrom(
  connect({ path }).pipe(
    mergeMap((connection) => {
      connection.write(message);
      connection.end();
      return connection.data$;
    }),
    reduce((bytes, chunk) => Buffer.concat([bytes, chunk]), Buffer.alloc(0)),
  ),
);
assert.ok(echoed.equals(message));
serving.unsubscribe();

const { bun, deno, node } = process.versions;
const runtime = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}`;
console.log(
  `${runtime}: both styles, on ${EventLoop.default.backend} by ${EventLoop.default.driver}`,
);
