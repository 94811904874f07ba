// What a program relies on, whatever runs it: the behaviours that the README's table of runtimes is made from. No test runner
// is needed, as none is on all of them. Each gets the target to listen on, and throws if it does not hold.
import assert from 'node:assert/strict';
import http from 'node:http';
import {
  concatMap,
  delay,
  filter,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  map,
  mergeMap,
  reduce,
  ReplaySubject,
  scan,
  take,
  toArray,
} from 'rxjs';
import { listenLocal, listenTcp, TimeoutError } from 'bipoll';
import { lines } from 'bipoll/framing';
import { connect, decode } from 'bipoll/reactive';
import { toDuplex } from 'bipoll/streams';
import { accept, connect as connectBlocking, readExactly, readUntil, writeAll } from 'bipoll/sync';
import { withServer } from './withServer.mjs';

const timeout = 5000;

export const behaviours = {
  'blocking verbs exchange bytes, and a timeout loses none'(target) {
    const server = target.path === undefined ? listenTcp(target) : listenLocal(target);
    const address = target.path === undefined ? { ...target, port: server.port } : target;
    const client = connectBlocking(address, { timeout });
    const accepted = accept(server, { timeout });
    writeAll(client, 'abc', { timeout });
    assert.throws(() => readExactly(accepted, 6, { timeout: 20 }), TimeoutError);
    writeAll(client, 'def\n', { timeout });
    assert.equal(readUntil(accepted, '\n', { timeout }).toString(), 'abcdef\n');
    for (const socket of [client, accepted, server]) socket.close();
  },

  'an echo of megabytes'(target) {
    const message = Buffer.alloc(3_000_000, 'bipoll');
    return withServer(target, echo, async (address) => {
      // Until so many bytes are here, not until the end: a named pipe has no half-close to tell it by.
      const all = connect(address).pipe(
        mergeMap((connection) => {
          connection.write(message);
          return connection.data$;
        }),
        scan((bytes, chunk) => Buffer.concat([bytes, chunk]), Buffer.alloc(0)),
        filter((bytes) => bytes.length >= message.length),
      );
      assert.ok((await firstValueFrom(all)).equals(message));
    });
  },

  // A runtime that tells only of the first readiness hangs here.
  'twenty messages with pauses, in which nothing is ready'(target) {
    const messages = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    return withServer(target, echo, async (address) => {
      const echoed = connect(address).pipe(
        mergeMap((connection) => {
          const send = (index) => connection.write(`${messages[index] ?? ''}\n`);
          send(0);
          return connection.data$.pipe(
            decode(lines()),
            delay(5),
            map((line, index) => (send(index + 1), line)),
          );
        }),
        take(messages.length),
        toArray(),
      );
      assert.deepEqual(await firstValueFrom(echoed), messages);
    });
  },

  'a peer that does not read holds the writer back, and drains it once it reads'(target) {
    const bytes = Buffer.alloc(8_000_000);
    const reading = new ReplaySubject(1);
    const readLater = (connection) =>
      reading.pipe(
        mergeMap(() => connection.data$),
        scan((count, chunk) => count + chunk.length, 0),
        filter((count) => count >= bytes.length),
        take(1),
        mergeMap(() => connection.send(['done\n'])),
      );
    return withServer(target, readLater, async (address) => {
      const answered = connect(address).pipe(
        mergeMap((connection) => {
          assert.equal(connection.write(bytes), false);
          assert.ok(connection.queuedBytes > 0);
          reading.next();
          return connection.data$.pipe(decode(lines()));
        }),
      );
      assert.equal(await firstValueFrom(answered), 'done');
    });
  },

  async 'what a half-closed client sent is answered'(target) {
    if (process.platform === 'win32' && target.path) return; // a named pipe has no half-close
    const answer = (connection) =>
      connection.data$.pipe(
        reduce((count, chunk) => count + chunk.length, 0),
        concatMap((count) => connection.send([`${count} bytes`])),
        ignoreElements(),
      );
    const options = { allowHalfOpen: true };
    await withServer(
      target,
      answer,
      async (address) => {
        const answered = connect(address, options).pipe(
          mergeMap((connection) => {
            connection.write('hello');
            connection.end();
            return connection.data$;
          }),
          map(String),
          take(1),
        );
        assert.equal(await lastValueFrom(answered), '5 bytes');
      },
      options,
    );
  },

  'timers of the runtime run while a connection is idle, and then it echoes'(target) {
    return withServer(target, echo, async (address) => {
      const echoed = connect(address).pipe(
        mergeMap(async (connection) => {
          const data = firstValueFrom(connection.data$);
          for (let turn = 0; turn < 5; turn++) {
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
          connection.write('awake');
          return data;
        }),
        map(String),
      );
      assert.equal(await firstValueFrom(echoed), 'awake');
    });
  },

  'node:http is served and asked over streams of connections'(target) {
    const server = http.createServer((request, response) => request.pipe(response));
    const serve = (connection) => {
      server.emit('connection', toDuplex(connection, { allowHalfOpen: true }));
      return connection.closed$;
    };
    return withServer(target, serve, async (address) => {
      const answered = connect(address).pipe(
        mergeMap((connection) => post('over http', () => toDuplex(connection))),
      );
      assert.equal(await firstValueFrom(answered), 'over http');
    });
  },
};

function post(body, createConnection) {
  return new Promise((resolve, reject) => {
    const request = http.request({ createConnection, method: 'POST' }, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    });
    request.once('error', reject);
    request.end(body);
  });
}

function echo(connection) {
  return connection.send(connection.data$);
}
