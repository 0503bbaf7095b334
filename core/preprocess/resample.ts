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
  const { height } = window
  if (scale === 1) return copy(window)
  const across = makeFilter(outWidth, scale)
  const down = makeFilter(outHeight, scale)
  const narrow = scale < 1 ? squeezeRows(window, across, outWidth) : stretchRows(window, across, outWidth)
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

function copy({ source, stride, left, top, width, height }: Window): Float64Array {
  const out = new Float64Array(width * height)
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < width; x++) out[y * width + x] = source[base + x]
  }
  return out
}

/** Every row to its new, smaller width: `height * outWidth`, and one more. Work follows the ink: paper adds nothing to a sum. */
function squeezeRows(window: Window, { count, first, weights }: Filter, outWidth: number): Float64Array {
  const { source, stride, left, top, width, height } = window
  // An input is part of one output or of two that follow each other, for an output covers more than one input.
  const output = new Int32Array(width).fill(-1)
  const parts = new Float64Array(2 * width) // weight in that output and in the next
  for (let x = 0; x < outWidth; x++) {
    for (let k = 0, i = first[x]; k < count && i < width; k++, i++) {
      const weight = weights[x * count + k]
      if (weight === 0) continue
      if (output[i] < 0) output[i] = x
      parts[2 * i + x - output[i]] = weight
    }
  }
  const narrow = new Float64Array(height * outWidth + 1)
  const aligned = source.byteOffset % 4 === 0 ? source : source.slice()
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2)
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    const end = base + width
    for (let p = base; p < end; ) {
      if (aligned[p] === 0) {
        p++
        if ((p & 3) === 0) for (let w = p >> 2; w < end >> 2 && words[w] === 0; w++) p += 4
        continue
      }
      // Along a run of ink the sums of this output and the next stay in registers.
      let x = p - base
      let o = output[x]
      let sum = narrow[y * outWidth + o]
      let next = narrow[y * outWidth + o + 1]
      for (let v = aligned[p]; v !== 0; v = p < end ? aligned[p] : 0) {
        if (output[x] !== o) {
          narrow[y * outWidth + o] = sum
          sum = next
          next = 0
          o++
        }
        sum += parts[2 * x] * v
        next += parts[2 * x + 1] * v
        p++
        x++
      }
      narrow[y * outWidth + o] = sum
      narrow[y * outWidth + o + 1] = next
    }
  }
  return narrow
}

/** Every row to its new width, which is no smaller. */
function stretchRows(window: Window, { count, first, weights }: Filter, outWidth: number): Float64Array {
  const { source, stride, left, top, width, height } = window
  const wide = new Float64Array(height * outWidth)
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < outWidth; x++) {
      const from = Math.max(0, -first[x])
      const to = Math.min(count, width - first[x])
      const input = base + first[x]
      const weight = x * count
      let sum = 0
      for (let k = from; k < to; k++) sum += weights[weight + k] * source[input + k]
      wide[y * outWidth + x] = sum
    }
  }
  return wide
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
