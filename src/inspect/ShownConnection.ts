import { addressText } from '../core/inspection';
import type { Connection } from '../reactive/connection/Connection';
import { readingOf } from '../reactive/connection/Reading';
import type { Limits } from './limits';
import { Session } from './Session';
import type { Row } from './wire';

/** One connection of the view. It does not keep the connection itself alive. */
export class ShownConnection {
  readonly id: number;
  readonly session: Session;
  readonly #name: string;
  /** Since when reading is held back; null: it is not. */
  heldAt: number | null = null;
  /** Whether a listener accepted it. Not known yet when it is opened. */
  isServed = false;
  /** Whether the page has not been told of its latest state. */
  isChanged = true;
  #isOpen = true;
  #bytesRead = 0;
  #bytesWritten = 0;
  #queuedBytes = 0;
  #error: string | null = null;

  /** @param openedAt null: before anybody looked */
  constructor(connection: Connection, limits: Limits, openedAt: number | null) {
    this.id = connection.id;
    this.#name = nameOf(connection);
    this.session = new Session(limits, openedAt);
    this.#count(connection);
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Something has happened on it. */
  look(connection: Connection): void {
    this.#count(connection);
    this.isServed ||= readingOf('connection', connection).acceptor !== null;
  }

  /** Reads what the connection itself counts. */
  #count(connection: Connection): void {
    this.#bytesRead = connection.bytesRead;
    this.#bytesWritten = connection.bytesWritten;
    this.#queuedBytes = connection.queuedBytes;
    this.isChanged = true;
  }

  close(error: Error | null): void {
    this.#isOpen = false;
    this.#error = error && error.message;
  }

  get row(): Row {
    return {
      id: this.id,
      name: this.#name,
      isOpen: this.#isOpen,
      heldAt: this.heldAt,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
      queuedBytes: this.#queuedBytes,
      error: this.#error,
      unsavable: this.session.unsavable,
    };
  }
}

/** `127.0.0.1:7000 ↔ 127.0.0.1:51234`, our end first; or the path. */
function nameOf(connection: Connection): string {
  const { path, localAddress, localPort, remoteAddress, remotePort } = connection;
  const ends = [
    [localAddress, localPort],
    [remoteAddress, remotePort],
  ] as const;
  const texts = ends.map(([host, port]) =>
    host === undefined || port === undefined ? null : addressText({ host, port }),
  );
  return texts.filter((text) => text !== null).join(' ↔ ') || (path ?? 'a connection');
}
