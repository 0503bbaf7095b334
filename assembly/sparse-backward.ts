// The dense layer, backward to inputs and to weights, over the listed inputs only. Twin: core/kernels/sparse-backward.ts.

import { biasGradient } from './bias'
import { dotFour } from './dot'
import { Loads, SHUFFLES, Shuffles } from './lanes'
import { addTile } from './runs'
import { SCRATCH } from './scratch'
import { addLanes, snap, snap4, storeLanes } from './snap'
import { Eight, Ten, Twelve } from './tile'
import { panelColumns, panelWidth } from './width'

const IMAGES = 32 // images whose weight gradients are summed at once: the bits of a set
const WINDOW = 1024 // inputs whose sets fit the scratch
const REACHED = SCRATCH // i32[IMAGES], bytes into the index's row
const RUNS = SCRATCH + 128 // [IMAGES] entries of a list of runs (runs.ts)
const SETS = SCRATCH + 512 // i32[WINDOW]

export function denseBackwardInputSparse(dx: usize, index: usize, dy: usize, w: usize, N: i32, I: i32, O: i32): void {
  memory.fill(dx, 0, (<usize>(N * I)) << 2)
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const end = row + 4 + (load<i32>(row) << 2)
    const inputs = dx + ((n * I) << 2)
    const outputs = dy + ((n * O) << 2)
    let at = row + 4
    if (ASC_FEATURE_SIMD) {
      if (SHUFFLES) for (; at < end; at += 16) backwardInput4<Shuffles>(inputs, at, end, outputs, w, O)
      else for (; at < end; at += 16) backwardInput4<Loads>(inputs, at, end, outputs, w, O)
    } else {
      for (; at < end; at += 4) {
        const i = load<i32>(at)
        let sum: f32 = 0
        for (let o = 0; o < O; o++) {
          sum += load<f32>(outputs + (o << 2)) * load<f32>(w + ((i * O + o) << 2))
        }
        store<f32>(inputs + (i << 2), snap(sum))
      }
    }
  }
}

// Computes up to four listed inputs at once. The last stands in for missing ones.
function backwardInput4<Way>(dx: usize, at: usize, end: usize, dy: usize, w: usize, O: i32): void {
  const last = end - 4
  const i0 = load<i32>(at)
  const i1 = load<i32>(min(at + 4, last))
  const i2 = load<i32>(min(at + 8, last))
  const i3 = load<i32>(min(at + 12, last))
  const sums = snap4(
    dotFour<Way>(dy, w + ((i0 * O) << 2), w + ((i1 * O) << 2), w + ((i2 * O) << 2), w + ((i3 * O) << 2), O),
  )
  v128.store_lane<f32>(dx + (i0 << 2), sums, 0)
  v128.store_lane<f32>(dx + (i1 << 2), sums, 1)
  v128.store_lane<f32>(dx + (i2 << 2), sums, 2)
  v128.store_lane<f32>(dx + (i3 << 2), sums, 3)
}

export function denseBackwardWeightSparse(
  dw: usize,
  db: usize,
  x: usize,
  index: usize,
  dy: usize,
  N: i32,
  I: i32,
  O: i32,
): void {
  biasGradient(db, dy, N, O)
  if (ASC_FEATURE_SIMD) {
    // with several images the sums of an input stay in registers
    const panels = N < 4 ? 0 : panelColumns(O)
    if (panels) {
      for (let n = 0; n < N; n += IMAGES) weightPanels(dw, x, index, dy, n, min(IMAGES, N - n), I, O, panels)
    }
    for (let n = 0; n < N; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      for (let o = panels; o < O; o += 12) {
        backwardWeight12(dw, x + ((n * I) << 2), row + 4, end, dy + ((n * O) << 2), O, o)
      }
    }
  } else {
    for (let n = 0; n < N; n++) {
      const row = index + ((n * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      const inputs = x + ((n * I) << 2)
      const outputs = dy + ((n * O) << 2)
      for (let at = row + 4; at < end; at += 4) {
        const i = load<i32>(at)
        const v = load<f32>(inputs + (i << 2))
        for (let o = 0; o < O; o++) {
          const to = dw + ((i * O + o) << 2)
          store<f32>(to, load<f32>(to) + v * load<f32>(outputs + (o << 2)))
        }
      }
    }
  }
}

// Computes the first `panels` columns for images n..n+count-1, at most IMAGES. It turns the list of each image's inputs into a
// set of each input's images, WINDOW inputs at a time, and each set into a list of runs of dy.
function weightPanels(
  dw: usize,
  x: usize,
  index: usize,
  dy: usize,
  n: i32,
  count: i32,
  I: i32,
  O: i32,
  panels: i32,
): void {
  const inputs = x + ((n * I) << 2)
  const outputs = dy + ((n * O) << 2)
  const rows = index + ((n * (I + 1)) << 2)
  for (let k = 0; k < count; k++) store<i32>(REACHED + (k << 2), 4)
  for (let first = 0; first < I; first += WINDOW) {
    const width = min(WINDOW, I - first)
    memory.fill(SETS, 0, (<usize>width) << 2)
    for (let k = 0; k < count; k++) {
      const row = rows + ((k * (I + 1)) << 2)
      const end = row + 4 + (load<i32>(row) << 2)
      let at = row + load<i32>(REACHED + (k << 2))
      for (; at < end && load<i32>(at) < first + width; at += 4) {
        const set = SETS + ((load<i32>(at) - first) << 2)
        store<i32>(set, load<i32>(set) | (1 << k))
      }
      store<i32>(REACHED + (k << 2), <i32>(at - row))
    }
    for (let i = 0; i < width; i++) {
      let set = load<i32>(SETS + (i << 2))
      if (set === 0) continue
      let end = RUNS
      for (; set !== 0; set &= set - 1) {
        const k = ctz(set)
        store<i32>(end, (k * O) << 2)
        store<f32>(end, load<f32>(inputs + ((k * I + first + i) << 2)), 4)
        end += 8
      }
      const sums = dw + (((first + i) * O) << 2)
      for (let o = 0; o < panels; ) {
        const width = panelWidth(O - o)
        const to = sums + (o << 2)
        const from = outputs + (o << 2)
        if (width === 48) addTile<v128, Twelve>(to, from, RUNS, end, 48)
        else if (width === 40) addTile<v128, Ten>(to, from, RUNS, end, 40)
        else addTile<v128, Eight>(to, from, RUNS, end, 32)
        o += width
      }
    }
  }
}

// Adds to columns o..o+11, of which at least one exists.
function backwardWeight12(dw: usize, x: usize, at: usize, end: usize, dy: usize, O: i32, o: i32): void {
  const rest = O - o
  const from = dy + (o << 2)
  const d0 = v128.load(from)
  const d1 = v128.load(rest > 4 ? from + 16 : from)
  const d2 = v128.load(rest > 8 ? from + 32 : from)
  const columns = dw + (o << 2)
  const stride = (<usize>O) << 2
  if (rest === 10) {
    // ten outputs, which all networks here end in
    for (; at < end; at += 4) {
      const i = load<i32>(at)
      const v = v128.load_splat<f32>(x + (i << 2))
      const to = columns + <usize>i * stride
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
      v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
      v128.store_lane<i64>(to, f32x4.add(v128.load64_zero(to, 32), f32x4.mul(v, d2)), 0, 32)
    }
  } else if (rest === 5) {
    const last = f32x4.extract_lane(d1, 0)
    for (; at < end; at += 4) {
      const i = <usize>load<i32>(at)
      const v = load<f32>(x + (i << 2))
      const to = columns + i * stride
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(f32x4.splat(v), d0)))
      store<f32>(to, load<f32>(to, 16) + v * last, 16)
    }
  } else if (rest > 8) {
    for (; at < end; at += 4) {
      const i = load<i32>(at)
      const v = v128.load_splat<f32>(x + (i << 2))
      const to = columns + <usize>i * stride
      v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v, d0)))
      v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(v, d1)), 16)
      storeLanes(to + 32, f32x4.add(v128.load(to, 32), f32x4.mul(v, d2)), rest - 8)
    }
  } else {
    for (; at < end; at += 4) {
      const i = load<i32>(at)
      const v = v128.load_splat<f32>(x + (i << 2))
      const to = columns + <usize>i * stride
      addLanes(to, f32x4.mul(v, d0), rest)
      addLanes(to + 16, f32x4.mul(v, d1), rest - 4)
    }
  }
}
