/** Gives memory back before the garbage collector does. */

/** Bytes. */
const LEAST_RELEASED = 131_072

/**
 * Frees the memory under bytes that nobody uses any more, and with it all other views of it. The garbage collector would free it,
 * too, but it takes it for a reason to go through all there is: once per twenty drawings, which costs more time than recognising them.
 * @param least memory that is freed, bytes: smaller memory may be a pool that others share, and is not worth the time
 */
export function release(bytes: Uint8Array | Uint8ClampedArray, least = LEAST_RELEASED): void {
  const memory = bytes.buffer as ArrayBuffer & { transfer?(bytes: number): ArrayBuffer } // newer than the types are
  if (memory.byteLength >= least) memory.transfer?.(0)
}
