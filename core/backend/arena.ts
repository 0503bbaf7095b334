/** A bump allocator on one fixed block of memory. Every offset that kernels get comes from here. */

const ALIGNMENT = 16 // bytes, one vector
const OVERREAD = 16 // bytes past the last operand that kernels may read

/** Allocates byte offsets in one buffer that never grows, so that no view of it ever detaches. */
export class Arena {
  readonly buffer: ArrayBuffer
  #top: number

  /** @param bottom the first offset to hand out, a multiple of 16; never 0, so that 0 can mean "none" */
  constructor(buffer: ArrayBuffer, bottom = ALIGNMENT) {
    this.buffer = buffer
    this.#top = bottom
  }

  /** Bytes still free. */
  get free(): number {
    return this.buffer.byteLength - OVERREAD - this.#top
  }

  /**
   * Offset of `bytes` fresh bytes, aligned to 16, zeroed.
   * @throws RangeError when the arena is full
   */
  allocate(bytes: number): number {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    if (size > this.free) throw new RangeError(`arena is full: ${size} bytes wanted, ${this.free} free`)
    const offset = this.#top
    this.#top += size
    new Uint8Array(this.buffer, offset, size).fill(0)
    return offset
  }

  /** Offset of the next allocation, for `release`. */
  mark(): number {
    return this.#top
  }

  /** Frees everything allocated since `mark` returned this offset. */
  release(mark: number): void {
    this.#top = mark
  }

  /** View of `length` f32 at `offset` bytes. */
  f32(offset: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.buffer, offset, length)
  }

  /** View of `length` bytes at `offset`. */
  u8(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, offset, length)
  }

  /** View of `length` i32 at `offset` bytes. */
  i32(offset: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.buffer, offset, length)
  }
}
