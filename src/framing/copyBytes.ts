/** The `copyFrame` of every codec whose frames are bytes. */
export function copyBytes(frame: Buffer): Buffer {
  return Buffer.from(frame);
}
