/** Memory that the plain kernels keep between calls. */

export interface Scratch {
  /** Room for at least so many numbers; what they are is undefined. Doubles need no conversion where they are used often. */
  doubles(length: number): Float64Array
  integers(length: number): Int32Array
}

export function createScratch(): Scratch {
  let doubles = new Float64Array(1024)
  let integers = new Int32Array(1024)
  return {
    doubles(length) {
      if (doubles.length < length) doubles = new Float64Array(2 * length)
      return doubles
    },
    integers(length) {
      if (integers.length < length) integers = new Int32Array(2 * length)
      return integers
    },
  }
}
