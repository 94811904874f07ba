import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { capabilities } from 'bipoll';
import type { Features } from '../../src/core/capabilities';
import { bitOf, namesOf } from '../../src/core/events';
import { kindNames, numberOfKind } from '../../src/core/kinds';
import {
  END,
  MAX_DESCRIPTORS,
  MAX_MESSAGES,
  MAX_OCCURRENCES,
  MESSAGE_FIELDS,
  OUTGOING_FIELDS,
  native,
  STALE,
  TcpSetting,
  UdpSetting,
} from '../../src/core/native';
import {
  BYTES_PER_TURN,
  Demand,
  MAX_RECORDS,
  PIECE_FIELDS,
  RECORD_FIELDS,
  RecordKind,
  RECORDS_PER_SOCKET,
} from '../../src/reactive/loop/records';

const ALL_EVENTS = 0x7fffffff;
const { Nothing, ...demands } = Demand;

const adoptable = Object.fromEntries(kindNames.map((name) => [name, numberOfKind(name)]));
/** Kinds that no descriptor from elsewhere is of: they have no number in TypeScript. */
const notAdoptable = {
  timer: kindNames.length,
  child: kindNames.length + 1,
  signalSource: kindNames.length + 2,
};

const inTypeScript: typeof native.constants = {
  events: Object.fromEntries(namesOf(ALL_EVENTS).map((name) => [name, bitOf(name)])),
  kinds: { ...adoptable, ...notAdoptable },
  demands,
  recordKinds: RecordKind,
  tcpSettings: TcpSetting,
  udpSettings: UdpSetting,
  failures: { STALE, END },
  limits: {
    MAX_DESCRIPTORS,
    MAX_MESSAGES,
    MESSAGE_FIELDS,
    OUTGOING_FIELDS,
    MAX_OCCURRENCES,
    MAX_RECORDS,
    RECORDS_PER_SOCKET,
    RECORD_FIELDS,
    PIECE_FIELDS,
    BYTES_PER_TURN,
  },
};

test('the addon and TypeScript have the same groups of numbers', () => {
  expect(Object.keys(native.constants).sort()).toEqual(Object.keys(inTypeScript).sort());
  expect(Nothing).toBe(0);
});

test.each(Object.entries(inTypeScript))(
  'the addon and TypeScript agree on %s',
  (group, numbers) => {
    expect(native.constants[group as keyof typeof inTypeScript]).toEqual(numbers);
  },
);

const headers = ['engine.h', 'pump.h'].map((name) =>
  readFileSync(resolve(__dirname, '../../src/native/engine', name), 'utf8'),
);

/** The names of an enumeration of the engine. */
function enumerators(name: string): string[] {
  const found = headers.map((text) => new RegExp(`^enum ${name} {([^}]*)}`, 'm').exec(text));
  const body = found.find((each) => each !== null)![1]!.replace(/\/\*.*?\*\//gs, '');
  return body.match(/\bBP_\w+/g)!;
}

test.each([
  ['bp_event', 'events'],
  ['bp_kind', 'kinds'],
  ['bp_demand', 'demands'],
  ['bp_record_kind', 'recordKinds'],
  ['bp_tcp_setting', 'tcpSettings'],
  ['bp_udp_setting', 'udpSettings'],
] as const)('the addon exports every enumerator of %s', (enumeration, group) => {
  expect(Object.keys(native.constants[group])).toHaveLength(enumerators(enumeration).length);
});

test('the addon tells of every feature that the engine knows, and TypeScript of the same', () => {
  const features: Record<keyof Features, unknown> = {
    abstractNames: expect.any(Boolean),
    children: expect.any(Boolean),
    descriptorPassing: expect.any(Boolean),
    dropCounts: expect.any(Boolean),
    interface: expect.any(Boolean),
    linger: expect.any(Boolean),
    localDatagrams: expect.any(Boolean),
    localHalfClose: expect.any(Boolean),
    localPackets: expect.any(Boolean),
    peerCredentials: expect.any(Boolean),
    signals: expect.any(Boolean),
    typeOfService: expect.any(Boolean),
    userTimeout: expect.any(Boolean),
  };
  expect(capabilities().features).toEqual(features);
  const { signals, ...ofEngine } = features;
  expect(signals).toBeDefined(); // which the addon has from libuv
  expect(enumerators('bp_feature')).toHaveLength(Object.keys(ofEngine).length);
});
