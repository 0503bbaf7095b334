/** Part of a picture at another size: averaged over areas where it shrinks, interpolated where it grows. */

/** For each output sample the inputs it is made of: `first[i]` and the `count - 1` that follow, with weights that sum to 1. */
interface Filter {
  readonly count: number
  readonly first: Int32Array
  readonly weights: Float64Array // outputs * count, row-major
}

/** A rectangle of a row-major picture, in px. */
export interface Window {
  readonly source: Uint8Array
  readonly stride: number // width of the whole picture
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/**
 * The window scaled to outWidth x outHeight, row-major, 0..255, not rounded. `scale` is output px per input px in both
 * directions; outWidth and outHeight are its size times `scale`, rounded up, so that the last column and row may reach
 * beyond the window, where there is nothing (0).
 */
export function resample(window: Window, scale: number, outWidth: number, outHeight: number): Float64Array {
  const { source, stride, left, top, width, height } = window
  const across = makeFilter(outWidth, scale)
  const down = makeFilter(outHeight, scale)
  const narrow = new Float64Array(height * outWidth) // first every row to its new width
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < outWidth; x++) {
      const from = Math.max(0, -across.first[x])
      const to = Math.min(across.count, width - across.first[x])
      const input = base + across.first[x]
      const weight = x * across.count
      let sum = 0
      for (let k = from; k < to; k++) sum += across.weights[weight + k] * source[input + k]
      narrow[y * outWidth + x] = sum
    }
  }
  const out = new Float64Array(outHeight * outWidth)
  for (let y = 0; y < outHeight; y++) {
    const from = Math.max(0, -down.first[y])
    const to = Math.min(down.count, height - down.first[y])
    for (let k = from; k < to; k++) {
      const weight = down.weights[y * down.count + k]
      const base = (down.first[y] + k) * outWidth
      for (let x = 0; x < outWidth; x++) out[y * outWidth + x] += weight * narrow[base + x]
    }
  }
  return out
}

/** Shrinking: each output covers 1 / scale inputs, those at its ends in part. Growing: the two nearest inputs. */
function makeFilter(outputs: number, scale: number): Filter {
  const step = 1 / scale // input px per output px
  const count = scale < 1 ? Math.ceil(step) + 1 : 2
  const first = new Int32Array(outputs)
  const weights = new Float64Array(outputs * count)
  for (let i = 0; i < outputs; i++) {
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
  return { count, first, weights }
}
