import type { Socket } from '../core/Socket';
import { checkWithDescriptors, type Sendable } from '../reactive/connection/Sendable';

/** Whether something that is written to a stream has descriptors attached. */
export function hasDescriptors(chunk: unknown): boolean {
  return typeof chunk === 'object' && chunk !== null && 'descriptors' in chunk;
}

/** Remembers which of the chunks that a stream still buffers have descriptors attached: the stream knows bytes alone. */
export class AttachedChunks {
  readonly #descriptors = new WeakMap<Buffer, readonly Socket[]>();

  /**
   * @returns the chunk to be written to the stream instead
   * @throws TypeError `ERR_INVALID_ARG_*`
   */
  add(chunk: unknown): Buffer {
    const { bytes, descriptors } = checkWithDescriptors('chunk', chunk);
    const buffer = Buffer.from(bytes as Uint8Array);
    this.#descriptors.set(buffer, descriptors);
    return buffer;
  }

  /** Chunks as they are to be sent: those that follow each other without descriptors in one piece. */
  restored(chunks: readonly Buffer[]): Sendable[] {
    const restored: Sendable[] = [];
    let plain: Buffer[] = [];
    for (const bytes of chunks) {
      const descriptors = this.#descriptors.get(bytes);
      if (!descriptors) {
        plain.push(bytes);
        continue;
      }
      if (plain.length > 0) restored.push(Buffer.concat(plain));
      plain = [];
      restored.push({ bytes, descriptors });
    }
    if (plain.length > 0) restored.push(Buffer.concat(plain));
    return restored;
  }
}
