/** Connected regions of marked pixels, found on runs, with the box of each. */

/** Part of a picture, px; `right` and `bottom` are just outside. */
export interface Rect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Marked pixels in one row, from `first` to `last`, and the region they belong to. */
export interface Regions {
  readonly runs: number
  readonly row: Int32Array // px
  readonly first: Int32Array // px
  readonly last: Int32Array // px
  readonly region: Int32Array // of a run, an index into `boxes`
  readonly boxes: readonly Rect[]
  readonly areas: readonly number[] // px
}

/** Runs there is room for at first. */
const USUAL = 4096

/**
 * The regions of the pixels whose mark is `value`, inside of a box, in reading order.
 * @param marks row-major, `width` a row
 * @param diagonal whether pixels that meet at a corner are connected
 */
export function findRegions(marks: Uint8Array, width: number, box: Rect, value: number, diagonal: boolean): Regions {
  let row = new Int32Array(USUAL)
  let first = new Int32Array(USUAL)
  let last = new Int32Array(USUAL)
  let runs = 0
  for (let y = box.top; y < box.bottom; y++) {
    const base = y * width
    const end = base + box.right
    for (let p = base + box.left; p < end; p++) {
      if (marks[p] !== value) continue
      if (runs === row.length) {
        row = twice(row)
        first = twice(first)
        last = twice(last)
      }
      row[runs] = y
      first[runs] = p - base
      do p++
      while (p < end && marks[p] === value)
      last[runs++] = p - 1 - base
    }
  }
  const parent = new Int32Array(runs)
  for (let k = 0; k < runs; k++) parent[k] = k
  const reach = diagonal ? 1 : 0
  let above = 0 // the first run of the row above that may still touch
  for (let k = 0; k < runs; k++) {
    while (row[above] < row[k] - 1) above++
    while (row[above] === row[k] - 1 && last[above] + reach < first[k]) above++
    for (let j = above; row[j] === row[k] - 1 && first[j] <= last[k] + reach; j++) {
      const a = root(parent, j)
      const b = root(parent, k)
      parent[Math.max(a, b)] = Math.min(a, b)
    }
  }
  return measure(runs, row, first, last, parent)
}

function measure(runs: number, row: Int32Array, first: Int32Array, last: Int32Array, parent: Int32Array): Regions {
  const region = new Int32Array(runs)
  const boxes: { left: number; top: number; right: number; bottom: number }[] = []
  const areas: number[] = []
  for (let k = 0; k < runs; k++) {
    const r = root(parent, k)
    if (r === k) {
      region[k] = boxes.length
      boxes.push({ left: first[k], top: row[k], right: last[k] + 1, bottom: row[k] + 1 })
      areas.push(last[k] - first[k] + 1)
      continue
    }
    region[k] = region[r]
    const box = boxes[region[k]]
    if (first[k] < box.left) box.left = first[k]
    if (last[k] >= box.right) box.right = last[k] + 1
    box.bottom = row[k] + 1
    areas[region[k]] += last[k] - first[k] + 1
  }
  return { runs, row, first, last, region, boxes, areas }
}

function root(parent: Int32Array, run: number): number {
  let r = run
  while (parent[r] !== r) {
    parent[r] = parent[parent[r]] // halve the path on the way
    r = parent[r]
  }
  return r
}

function twice(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * values.length)
  more.set(values)
  return more
}

export function widthOf(box: Rect): number {
  return box.right - box.left
}

export function heightOf(box: Rect): number {
  return box.bottom - box.top
}

/** Whether one box is inside of another, or equal to it. */
export function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
  )
}
