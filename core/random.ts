/**
 * The project's only source of randomness: Philox2x32-10 (Salmon et al. 2011). It is counter-based, so that any value can be
 * computed without those before it, and uses integer arithmetic only, so that it is the same everywhere.
 */

const MULTIPLIER = 0xd256d193
const WEYL = 0x9e3779b9

/** High 32 bits of the unsigned product of two u32. Every sum here is below 2^32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const other = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + (middle >>> 16) + (other >>> 16)) >>> 0
}

/** Both words of one block, from a key (seed), a stream and a counter, all u32. */
export function philoxBlock(key: number, stream: number, counter: number): readonly [number, number] {
  let [left, right, k] = [counter >>> 0, stream >>> 0, key >>> 0]
  for (let round = 0; round < 10; round++) {
    const high = multiplyHigh(MULTIPLIER, left)
    const low = Math.imul(MULTIPLIER, left) >>> 0
    left = (high ^ k ^ right) >>> 0
    right = low
    k = (k + WEYL) >>> 0
  }
  return [left, right]
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
