import { checkArray, invalidValue } from './argument';
import type { Descriptor } from './Descriptor';
import type { Socket } from './Socket';
import type { StreamServer } from './StreamServer';
import type { StreamSocket } from './StreamSocket';

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
] as const;

/** The events of a socket. Each has the name of the predicate that it stands for. */
export type SocketEvent = (typeof eventNames)[number];

/** The event of servers. */
export type ServerEvent = 'connectionAvailable';
/** The events of adopted descriptors. */
export type DescriptorEvent = 'readable' | 'writable' | 'hangup';
/** The events of streams. */
export type StreamEvent = Exclude<SocketEvent, ServerEvent | DescriptorEvent>;

/** The events that a socket of this class can have. */
export type EventOf<S extends Socket> = S extends StreamServer
  ? ServerEvent
  : S extends StreamSocket
    ? StreamEvent
    : S extends Descriptor
      ? DescriptorEvent
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
export const STREAM_EVENTS = ((1 << eventNames.length) - 1) & ~SERVER_EVENTS & ~DESCRIPTOR_EVENTS;
