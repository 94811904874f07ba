/** The event is not to be in this state, and changes nothing: it came too late, or for the second time. */
export const REFUSED = null;

/** For each state, where each event leads: the whole of a state machine, to be read and to be tested. */
export type Transitions<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, State | typeof REFUSED>>>
>;
