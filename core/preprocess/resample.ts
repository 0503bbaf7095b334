/** Scales part of a picture: by averages over areas when it shrinks, by linear interpolation when it grows. */

/** The inputs of each output sample: `first[i]` and the `count - 1` that follow, with weights that sum to 1. */
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
 * The window scaled to outWidth x outHeight, row-major, 0..255, not rounded.
 * @param scale output px per input px, in both directions
 * @param outWidth width times `scale`, rounded up: the last column may reach beyond the window, where all is 0; likewise outHeight
 * @param out written and returned; allocated unless given
 */
export function resample(
  window: Window,
  scale: number,
  outWidth: number,
  outHeight: number,
  out = new Float64Array(outWidth * outHeight),
): Float64Array {
  if (scale === 1) return copy(window, out)
  out.fill(0)
  if (scale === 1 / 4) return quarter(window, outWidth, out)
  return scale < 1 ? shrink(window, scale, outWidth, outHeight, out) : grow(window, scale, outWidth, outHeight, out)
}

function copy({ source, stride, left, top, width, height }: Window, out: Float64Array): Float64Array {
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < width; x++) out[y * width + x] = source[base + x]
  }
  return out
}

/** Means of 4x4 px, exact because the sums are of integers. Rasterized strokes and changed stroke widths have this scale. */
function quarter(
  { source, stride, left, top, width, height }: Window,
  outWidth: number,
  out: Float64Array,
): Float64Array {
  const whole = width & ~3
  for (let y = 0; y < height; y++) {
    let p = (top + y) * stride + left
    const end = p + width
    const ends = p + whole
    let o = (y >> 2) * outWidth
    for (; p < ends; p += 4, o++) {
      const sum = source[p] + source[p + 1] + source[p + 2] + source[p + 3]
      if (sum > 0) out[o] += sum
    }
    for (; p < end; p++) out[o] += source[p]
  }
  for (let o = 0; o < out.length; o++) out[o] /= 16
  return out
}

/** Scales every row to its new width and adds it to its output rows. Paper is skipped: it adds nothing to a sum. */
function shrink(window: Window, scale: number, outWidth: number, outHeight: number, out: Float64Array): Float64Array {
  const { source, stride, left, top, width, height } = window
  const across = splitInputs(makeFilter(outWidth, scale), width)
  const down = splitInputs(makeFilter(outHeight, scale), height)
  const aligned = source.byteOffset % 4 === 0 ? source : source.slice()
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2)
  const row = new Float64Array(outWidth + 1)
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    const end = base + width
    let first = outWidth
    let last = -1
    for (let p = base; p < end; ) {
      if (aligned[p] === 0) {
        p++
        if ((p & 3) === 0) for (let w = p >> 2; w < end >> 2 && words[w] === 0; w++) p += 4
        continue
      }
      // along a run of ink the sums of this output and the next stay in registers
      let x = p - base
      let o = across.output[x]
      let sum = row[o]
      let next = row[o + 1]
      if (o < first) first = o
      for (let v = aligned[p]; v !== 0; v = p < end ? aligned[p] : 0) {
        if (across.output[x] !== o) {
          row[o++] = sum
          sum = next
          next = 0
        }
        sum += across.parts[2 * x] * v
        next += across.parts[2 * x + 1] * v
        p++
        x++
      }
      row[o] = sum
      row[o + 1] = next
      last = Math.min(o + 1, outWidth - 1)
    }
    addRow(out, down.output[y] * outWidth, row, first, last, down.parts[2 * y])
    if (down.parts[2 * y + 1] > 0) addRow(out, (down.output[y] + 1) * outWidth, row, first, last, down.parts[2 * y + 1])
    for (let x = first; x <= last + 1; x++) row[x] = 0
  }
  return out
}

/** Adds row[first..last] times `weight` to the output's row that begins at `to`. */
function addRow(out: Float64Array, to: number, row: Float64Array, first: number, last: number, weight: number): void {
  for (let x = first; x <= last; x++) out[to + x] += weight * row[x]
}

/** Scales every row to its new width, then all columns. */
function grow(window: Window, scale: number, outWidth: number, outHeight: number, out: Float64Array): Float64Array {
  const { source, stride, left, top, width, height } = window
  const across = makeFilter(outWidth, scale)
  const down = makeFilter(outHeight, scale)
  const wide = new Float64Array(height * outWidth)
  for (let y = 0; y < height; y++) {
    const base = (top + y) * stride + left
    for (let x = 0; x < outWidth; x++) {
      const from = Math.max(0, -across.first[x])
      const to = Math.min(across.count, width - across.first[x])
      const input = base + across.first[x]
      const weight = x * across.count
      let sum = 0
      for (let k = from; k < to; k++) sum += across.weights[weight + k] * source[input + k]
      wide[y * outWidth + x] = sum
    }
  }
  for (let y = 0; y < outHeight; y++) {
    const from = Math.max(0, -down.first[y])
    const to = Math.min(down.count, height - down.first[y])
    for (let k = from; k < to; k++) {
      const weight = down.weights[y * down.count + k]
      const base = (down.first[y] + k) * outWidth
      for (let x = 0; x < outWidth; x++) out[y * outWidth + x] += weight * wide[base + x]
    }
  }
  return out
}

/** For each input the first output it is part of, and its weights there and in the next. When shrinking there is no third. */
function splitInputs({ count, first, weights }: Filter, inputs: number) {
  const output = new Int32Array(inputs).fill(-1)
  const parts = new Float64Array(2 * inputs)
  for (let x = 0; x < first.length; x++) {
    for (let k = 0, i = first[x]; k < count && i < inputs; k++, i++) {
      const weight = weights[x * count + k]
      if (weight === 0) continue
      if (output[i] < 0) output[i] = x
      parts[2 * i + x - output[i]] = weight
    }
  }
  return { output, parts }
}

/** When shrinking, each output covers 1 / scale inputs, those at its ends in part. When growing, it has the two nearest inputs. */
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
