import { checkArray, invalidValue } from './argument';
import type { Child } from './Child';
import type { DatagramSocket } from './DatagramSocket';
import type { Descriptor } from './Descriptor';
import type { FutureConnection } from './FutureConnection';
import type { Server } from './Server';
import type { SignalSource } from './SignalSource';
import type { Socket } from './Socket';
import type { Timer } from './Timer';

/** Bits of the engine, in the order of `enum bp_event`. */
const eventNames = [
  'connectionAvailable',
  'determined',
  'connectionSucceeded',
  'connectionFailed',
  'dataAvailable',
  'readyToWrite',
  'remoteDisconnected',
  'readable',
  'writable',
  'hangup',
  'expired',
  'exited',
  'signalled',
] as const;

/** The events of a socket. Each has the name of the predicate that it stands for. */
export type SocketEvent = (typeof eventNames)[number];

/** The event of servers. */
export type ServerEvent = 'connectionAvailable';
/** The events of adopted descriptors. */
export type DescriptorEvent = 'readable' | 'writable' | 'hangup';
/** The event of timers. */
export type TimerEvent = 'expired';
/** The event of children. */
export type ChildEvent = 'exited';
/** The event of sources of signals. */
export type SignalEvent = 'signalled';
/** The events of sockets whose messages go to whom each of them says. */
export type DatagramEvent = 'dataAvailable' | 'readyToWrite';
/** The events of connections: of streams, and of those that carry packets. */
export type StreamEvent = Exclude<
  SocketEvent,
  ServerEvent | DescriptorEvent | TimerEvent | ChildEvent | SignalEvent
>;

/** The events that a socket of this class can have. */
export type EventOf<S extends Socket> = S extends Server
  ? ServerEvent
  : S extends FutureConnection
    ? StreamEvent
    : S extends DatagramSocket<unknown>
      ? DatagramEvent
      : S extends Descriptor
        ? DescriptorEvent
        : S extends Timer
          ? TimerEvent
          : S extends Child
            ? ChildEvent
            : S extends SignalSource
              ? SignalEvent
              : SocketEvent;

/** One event that a socket of this class can have, or several. */
export type EventsOf<S extends Socket> = EventOf<S> | readonly EventOf<S>[];

const bits = new Map<unknown, number>(eventNames.map((name, index) => [name, 1 << index]));

/** The engine's bit of an event. */
export function bitOf(event: SocketEvent): number {
  return bits.get(event) ?? 0;
}

/** The engine's set for one event or several. An event that is not among `allowed` is refused. */
export function bitsOf(events: unknown, allowed: number): number {
  if (typeof events === 'string') return checkedBit(events, allowed);
  let set = 0;
  for (const event of checkArray('events', 'the name of an event or an array of them', events)) {
    set |= checkedBit(event, allowed);
  }
  return set;
}

function checkedBit(event: unknown, allowed: number): number {
  const bit = bits.get(event);
  if (bit === undefined || !(bit & allowed)) {
    throw invalidValue('events', `must be of ${namesOf(allowed).join(', ')}`, event);
  }
  return bit;
}

// Only few different sets occur, so each is created once.
const names = new Map<number, readonly SocketEvent[]>();

/** The names in an engine's set, frozen, as the array is shared. */
export function namesOf(set: number): readonly SocketEvent[] {
  let found = names.get(set);
  if (!found) {
    found = Object.freeze(eventNames.filter((_, index) => set & (1 << index)));
    names.set(set, found);
  }
  return found;
}

export const SERVER_EVENTS = bitOf('connectionAvailable');
export const DESCRIPTOR_EVENTS = bitOf('readable') | bitOf('writable') | bitOf('hangup');
export const DATAGRAM_EVENTS = bitOf('dataAvailable') | bitOf('readyToWrite');
export const STREAM_EVENTS = (bitOf('remoteDisconnected') * 2 - 1) & ~SERVER_EVENTS;
