import {
  type ChannelOf,
  channelOf,
  publish as publishMessage,
  type Published,
} from '../../core/channel';
import type { StreamServer } from '../../core/StreamServer';
import type { Connection } from './Connection';

/** What is published of a connection. */
export interface OfConnection extends Published {
  readonly connection: Connection;
  /** That of the connection. */
  readonly id: number;
}

/** Published on `bipoll:connection:open`: it was accepted, or connecting succeeded. */
export type ConnectionOpened = OfConnection;

/** Published on `bipoll:connection:close`. */
export interface ConnectionClosed extends OfConnection {
  /** Null for an orderly end, else why it closed. */
  readonly error: Error | null;
}

/** Published on `bipoll:connection:fail`: no connection was made, or one that waited was not accepted. */
export interface ConnectionFailed extends Published {
  readonly syscall: 'accept' | 'connect';
  readonly error: Error;
}

/** Published on `bipoll:connection:read`. */
export interface BytesRead extends OfConnection {
  readonly bytes: number;
  /** The bytes themselves. Copy what you keep: they may only be lent, as by `borrow`, until the subscriber returns. */
  readonly chunk: Uint8Array;
}

/** Published on `bipoll:connection:queue`, by each `write`, also those of `send`. */
export interface BytesQueued extends OfConnection {
  /** What was written. Copy what you keep: it is the program's, which may overwrite it. */
  readonly chunk: Uint8Array | string;
  /** What waits in the queue now. */
  readonly queuedBytes: number;
}

/** Published on `bipoll:connection:hold`, when reading is held back, and when it goes on. */
export interface ReadingHeld extends OfConnection {
  readonly isHeld: boolean;
}

/** Published on `bipoll:connection:end`, when one side sends nothing more. */
export interface SideEnded extends OfConnection {
  /** Whose: ours, or the peer's. */
  readonly side: 'own' | 'peer';
  /** Whether that was a reset, which ends both sides, or another failure to read. */
  readonly isReset: boolean;
}

/** Published on `bipoll:connection:write`, whenever the system has taken bytes: those of several writes at once, if they were small. */
export interface BytesWritten extends OfConnection {
  /** What the system took. */
  readonly bytes: number;
  /** What waits in the queue now. */
  readonly queuedBytes: number;
}

/**
 * Published on `bipoll:listener:open` and `:close`; on `:full` when it stops accepting because `maxConnections` are
 * open, and on `:room` when it accepts again.
 */
export interface ListenerChanged extends Published {
  readonly server: StreamServer;
  /** How many of its connections are open. */
  readonly connections: number;
}

/**
 * The channels of `node:diagnostics_channel`. Ask `hasSubscribers` before publishing, so that no message is built in
 * vain.
 */
export const channels = {
  open: channelOf<ConnectionOpened>('bipoll:connection:open'),
  close: channelOf<ConnectionClosed>('bipoll:connection:close'),
  fail: channelOf<ConnectionFailed>('bipoll:connection:fail'),
  read: channelOf<BytesRead>('bipoll:connection:read'),
  write: channelOf<BytesWritten>('bipoll:connection:write'),
  queue: channelOf<BytesQueued>('bipoll:connection:queue'),
  hold: channelOf<ReadingHeld>('bipoll:connection:hold'),
  end: channelOf<SideEnded>('bipoll:connection:end'),
  listenerOpen: channelOf<ListenerChanged>('bipoll:listener:open'),
  listenerFull: channelOf<ListenerChanged>('bipoll:listener:full'),
  listenerRoom: channelOf<ListenerChanged>('bipoll:listener:room'),
  listenerClose: channelOf<ListenerChanged>('bipoll:listener:close'),
};

/** Publishes on a channel that has subscribers, and adds what every message contains. */
export function publish<Message extends Published>(
  to: ChannelOf<Message>,
  message: Omit<Message, keyof Published | 'id'>,
): void {
  const { connection } = message as { connection?: Connection };
  const id = connection && { id: connection.id };
  publishMessage(to, { ...message, ...id } as unknown as Message);
}
