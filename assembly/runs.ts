// Sums of runs of values, each scaled by a factor. The sums stay in registers while the list of the runs is walked. No twin: the
// TypeScript kernels add value by value.

import { storeLanes } from './snap'
import { addProduct, Eight, Four, One, splat, Twelve } from './tile'

/**
 * y[size] += value * x[offset..offset+size) for each entry of the list, in its order. An entry is 8 bytes: an offset in bytes,
 * i32, and a value, f32. The list ends before `end`.
 */
export function addRuns(y: usize, x: usize, list: usize, end: usize, size: i32): void {
  let j = 0
  if (ASC_FEATURE_SIMD) {
    for (; size - j >= 48; j += 48) addTile<v128, Twelve>(y + (j << 2), x + (j << 2), list, end, size - j)
    for (; j < size; j += 16) addTile<v128, Four>(y + (j << 2), x + (j << 2), list, end, size - j)
  } else {
    for (; size - j >= 8; j += 8) addTile<f32, Eight>(y + (j << 2), x + (j << 2), list, end, size - j)
    for (; j < size; j++) addTile<f32, One>(y + (j << 2), x + (j << 2), list, end, size - j)
  }
}

/**
 * addRuns for one tile of y. Where a tile of four vectors is longer than the `rest` of y, vectors wholly past the end repeat the
 * first.
 */
export function addTile<T, Tile>(y: usize, x: usize, list: usize, end: usize, rest: i32): void {
  const c1: usize = rest > 4 ? 16 : 0
  const c2: usize = rest > 8 ? 32 : 0
  const c3: usize = rest > 12 ? 48 : 0
  let a0 = load<T>(y)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let a4 = a0
  let a5 = a0
  let a6 = a0
  let a7 = a0
  let a8 = a0
  let a9 = a0
  let a10 = a0
  let a11 = a0
  if (offsetof<Tile>() === 4) {
    a1 = load<T>(y + c1)
    a2 = load<T>(y + c2)
    a3 = load<T>(y + c3)
  }
  if (offsetof<Tile>() >= 8) {
    a1 = load<T>(y, sizeof<T>())
    a2 = load<T>(y, 2 * sizeof<T>())
    a3 = load<T>(y, 3 * sizeof<T>())
    a4 = load<T>(y, 4 * sizeof<T>())
    a5 = load<T>(y, 5 * sizeof<T>())
    a6 = load<T>(y, 6 * sizeof<T>())
    a7 = load<T>(y, 7 * sizeof<T>())
  }
  if (offsetof<Tile>() >= 10) {
    a8 = load<T>(y, 8 * sizeof<T>())
    a9 = load<T>(y, 9 * sizeof<T>())
  }
  if (offsetof<Tile>() === 12) {
    a10 = load<T>(y, 10 * sizeof<T>())
    a11 = load<T>(y, 11 * sizeof<T>())
  }
  for (; list < end; list += 8) {
    const run = x + load<usize>(list)
    const v = splat<T>(list + 4)
    a0 = addProduct(a0, v, load<T>(run))
    if (offsetof<Tile>() === 4) {
      a1 = addProduct(a1, v, load<T>(run + c1))
      a2 = addProduct(a2, v, load<T>(run + c2))
      a3 = addProduct(a3, v, load<T>(run + c3))
    }
    if (offsetof<Tile>() >= 8) {
      a1 = addProduct(a1, v, load<T>(run, sizeof<T>()))
      a2 = addProduct(a2, v, load<T>(run, 2 * sizeof<T>()))
      a3 = addProduct(a3, v, load<T>(run, 3 * sizeof<T>()))
      a4 = addProduct(a4, v, load<T>(run, 4 * sizeof<T>()))
      a5 = addProduct(a5, v, load<T>(run, 5 * sizeof<T>()))
      a6 = addProduct(a6, v, load<T>(run, 6 * sizeof<T>()))
      a7 = addProduct(a7, v, load<T>(run, 7 * sizeof<T>()))
    }
    if (offsetof<Tile>() >= 10) {
      a8 = addProduct(a8, v, load<T>(run, 8 * sizeof<T>()))
      a9 = addProduct(a9, v, load<T>(run, 9 * sizeof<T>()))
    }
    if (offsetof<Tile>() === 12) {
      a10 = addProduct(a10, v, load<T>(run, 10 * sizeof<T>()))
      a11 = addProduct(a11, v, load<T>(run, 11 * sizeof<T>()))
    }
  }
  if (offsetof<Tile>() === 4) {
    storeLanes(y, a0, rest)
    storeLanes(y + 16, a1, rest - 4)
    storeLanes(y + 32, a2, rest - 8)
    storeLanes(y + 48, a3, rest - 12)
    return
  }
  store<T>(y, a0)
  if (offsetof<Tile>() >= 8) {
    store<T>(y, a1, sizeof<T>())
    store<T>(y, a2, 2 * sizeof<T>())
    store<T>(y, a3, 3 * sizeof<T>())
    store<T>(y, a4, 4 * sizeof<T>())
    store<T>(y, a5, 5 * sizeof<T>())
    store<T>(y, a6, 6 * sizeof<T>())
    store<T>(y, a7, 7 * sizeof<T>())
  }
  if (offsetof<Tile>() >= 10) {
    store<T>(y, a8, 8 * sizeof<T>())
    store<T>(y, a9, 9 * sizeof<T>())
  }
  if (offsetof<Tile>() === 12) {
    store<T>(y, a10, 10 * sizeof<T>())
    store<T>(y, a11, 11 * sizeof<T>())
  }
}
