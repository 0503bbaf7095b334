/** Part of a picture at another size: averaged over areas where it shrinks, interpolated where it grows. */

/** For each output sample the inputs it is made of: `first[i]`, and `count` weights that sum to 1. */
interface Filter {
  readonly first: Int32Array
  readonly weights: Float64Array // size * count, row-major
  readonly count: number
  readonly size: number
}

/**
 * Scales the rectangle [left, left + w) x [top, top + h) of a row-major picture to outW x outH, in 0..255, unrounded.
 * `scale` is output px per input px in both directions: outW and outH are w * scale and h * scale, rounded up, so that
 * the last column or row may lie partly outside, where there is nothing (0).
 */
export function resample(
  source: Uint8Array,
  stride: number,
  left: number,
  top: number,
  w: number,
  h: number,
  scale: number,
  outW: number,
  outH: number,
): Float64Array {
  const across = makeFilter(w, outW, scale)
  const down = makeFilter(h, outH, scale)
  const narrow = new Float64Array(h * outW) // first every row to its new width
  for (let y = 0; y < h; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < outW; x++) {
      let sum = 0
      for (let k = 0, i = across.first[x]; k < across.count && i < w; k++, i++) {
        if (i >= 0) sum += across.weights[x * across.count + k] * source[base + i]
      }
      narrow[y * outW + x] = sum
    }
  }
  const out = new Float64Array(outH * outW)
  for (let y = 0; y < outH; y++) {
    for (let k = 0, i = down.first[y]; k < down.count && i < h; k++, i++) {
      if (i < 0) continue
      const weight = down.weights[y * down.count + k]
      for (let x = 0; x < outW; x++) out[y * outW + x] += weight * narrow[i * outW + x]
    }
  }
  return out
}

/** Shrinking: each output covers 1 / scale inputs, those at its ends in part. Growing: the two nearest inputs. */
function makeFilter(inputs: number, size: number, scale: number): Filter {
  const step = 1 / scale // input px per output px
  const count = scale < 1 ? Math.ceil(step) + 1 : 2
  const first = new Int32Array(size)
  const weights = new Float64Array(size * count)
  for (let i = 0; i < size; i++) {
    if (scale < 1) {
      const from = i * step
      const to = from + step
      first[i] = Math.floor(from)
      for (let k = 0; k < count; k++) {
        const covered = Math.min(to, first[i] + k + 1) - Math.max(from, first[i] + k)
        weights[i * count + k] = Math.max(0, covered) * scale
      }
    } else {
      const centre = (i + 0.5) * step - 0.5
      first[i] = Math.floor(centre)
      weights[i * count] = 1 - (centre - first[i])
      weights[i * count + 1] = centre - first[i]
    }
  }
  return { first, weights, count, size }
}
