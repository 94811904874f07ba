/** The event is ignored in this state: it is late, or a repetition. */
export const REFUSED = null;

/** For each state, the state that each event leads to: a whole state machine in one table. */
export type Transitions<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, State | typeof REFUSED>>>
>;
