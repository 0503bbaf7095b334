/**
 * The project's only source of randomness: Philox2x32-10 (Salmon et al. 2011). It is counter-based, so that any value can be
 * computed without those before it, and uses integer arithmetic only, so that it is the same everywhere.
 */

const { imul } = Math

const MULTIPLIER = 0xd256d193
const [HIGH, LOW] = [MULTIPLIER >>> 16, MULTIPLIER & 0xffff]
const WEYL = 0x9e3779b9

/** Both words of one block, from a key (seed), a stream and a counter, all u32. */
export function philoxBlock(key: number, stream: number, counter: number): readonly [number, number] {
  let left = counter | 0
  let right = stream | 0
  let k = key | 0
  for (let round = 0; round < 10; round++) {
    // The high word of MULTIPLIER * left, from the halves of both. Every sum is below 2^32, and is kept as the i32 of the same bits.
    const leftLow = left & 0xffff
    const leftHigh = left >>> 16
    const middle = (imul(HIGH, leftLow) + (imul(LOW, leftLow) >>> 16)) | 0
    const other = (imul(LOW, leftHigh) + (middle & 0xffff)) | 0
    const high = (imul(HIGH, leftHigh) + (middle >>> 16) + (other >>> 16)) | 0
    const next = high ^ k ^ right
    right = imul(MULTIPLIER, left)
    left = next
    k = (k + WEYL) | 0
  }
  return [left >>> 0, right >>> 0]
}

/** One draw: the first word of a block. */
export function philox(key: number, stream: number, counter: number): number {
  return philoxBlock(key, stream, counter)[0]
}

/** A sequence of draws from one seed and stream. `counter` is its whole state. */
export class Random {
  readonly seed: number // u32
  readonly stream: number // u32, see training/random-streams.ts
  counter = 0

  constructor(seed: number, stream: number) {
    this.seed = seed >>> 0
    this.stream = stream >>> 0
  }

  /** Uniform u32. */
  u32(): number {
    return philox(this.seed, this.stream, this.counter++)
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.u32() / 4_294_967_296
  }

  /** Uniform integer in [0, bound), bound up to 2^32; the bias of the multiplication is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound)
  }

  /** Shuffles in place (Fisher, Yates 1938; Durstenfeld 1964). */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const value = values[i]
      values[i] = values[j]
      values[j] = value
    }
  }
}
