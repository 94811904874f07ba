import type { Socket } from './Socket';

/** What comes with most bytes: shared, so that it need not be made. */
export const NO_DESCRIPTORS: readonly Socket[] = [];

/** What came with the bytes of one read. */
interface Attachment {
  /** How many unread bytes are before those of that read. */
  offset: number;
  readonly descriptors: readonly Socket[];
}

/**
 * Descriptors that came with bytes which nobody has consumed yet. Whoever consumes the bytes takes them first; what is
 * left then is closed, as the system does with descriptors that nobody receives.
 */
export class AttachedDescriptors {
  #attachments: Attachment[] = [];

  /** @param offset how many unread bytes are before those that they came with */
  add(offset: number, descriptors: readonly Socket[]): void {
    this.#attachments.push({ offset, descriptors });
  }

  /** Takes those of the next bytes. */
  take(length: number): Socket[] {
    const taken = this.#attachments.filter(({ offset }) => offset < length);
    this.#attachments = this.#attachments.slice(taken.length); // they are in the order of their offsets
    return taken.flatMap(({ descriptors }) => descriptors);
  }

  /** The next bytes are consumed. */
  consume(length: number): void {
    closeEach(this.take(length));
    for (const attachment of this.#attachments) attachment.offset -= length;
  }

  /** Bytes were put back in front. */
  putBack(length: number): void {
    for (const attachment of this.#attachments) attachment.offset += length;
  }
}

/** Closes descriptors that nobody takes. */
export function closeEach(descriptors: readonly Socket[]): void {
  for (const descriptor of descriptors) descriptor.close();
}
