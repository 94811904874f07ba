import net from 'node:net';
import * as rxjs from 'rxjs';
import * as core from 'bipoll';
import * as framing from 'bipoll/framing';
import * as inspect from 'bipoll/inspect';
import * as reactive from 'bipoll/reactive';
import * as streams from 'bipoll/streams';
import * as sync from 'bipoll/sync';
import * as testing from 'bipoll/testing';
import * as tls from 'bipoll/tls';

/** What a program may find under each name, in order of the entry points. */
const exported = Object.entries({
  core,
  framing,
  inspect,
  reactive,
  streams,
  sync,
  testing,
  tls,
}).flatMap(([entry, exports]) => Object.keys(exports).map((name) => ({ entry, name })));
const names = [...new Set(exported.map(({ name }) => name))];

/** Names that others have too, and that mean the same there; or whose meaning everybody knows. */
const shared = new Map([
  ['connect', "node:net's word, in both styles; rxjs' operator of that name is rarely imported"],
  ['createConnection', "as node:net's, but for what carries the bytes"],
  [
    'retry',
    "rxjs' operator calls again after an error too; a script with verbs has no Observables",
  ],
  ['Socket', 'the base of all sockets, which nobody makes by itself'],
  ['TimeoutError', 'an error of that name is a timeout everywhere'],
]);

const others = new Set([...Object.keys(rxjs), ...Object.keys(net)]);

test.each(names)('%s is no name of rxjs or node:net with another meaning', (name) => {
  expect(others.has(name) && !shared.has(name)).toBe(false);
});

test.each(names)('%s is more than one letter from any other name', (name) => {
  const near = names.filter(
    (other) => other !== name && isOneLetterFrom(name, other) && !areVersions(name, other),
  );
  expect(near).toEqual([]);
});

/** Whether they differ by a version alone, as `ANY_IPV4` and `ANY_IPV6` do. */
function areVersions(one: string, other: string): boolean {
  return one.replace(/\d$/, '') === other.replace(/\d$/, '');
}

/** Whether one letter that is added, left out or replaced makes one of the other. */
function isOneLetterFrom(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  const rest = short.length === long.length ? at + 1 : at;
  return short.slice(rest) === long.slice(at + 1);
}
