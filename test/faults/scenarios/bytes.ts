import { Broken } from '../outcome';

/** Bytes of which none can stand for another nearby. */
export function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) % 251));
}

/** All that was sent has arrived. */
export function checkWhole(received: Buffer, sent: Buffer): void {
  checkBeginning(received, sent);
  if (received.length < sent.length) {
    throw new Broken('wrong bytes', `${received.length} bytes of ${sent.length}, and no error`);
  }
}

/** What has arrived was sent, before something ended it. */
export function checkBeginning(received: Buffer, sent: Buffer): void {
  if (!received.equals(sent.subarray(0, received.length))) {
    throw new Broken('wrong bytes', `${received.length} bytes that are not those that were sent`);
  }
}
