/**
 * Finds the connected pieces of a drawing on runs of solid pixels instead of single pixels, so that the cost grows with the outline
 * and not with the area.
 */

/** Runs of solid pixels, in reading order, joined into 8-connected pieces. */
export interface Runs {
  readonly count: number
  readonly row: Int32Array // px
  readonly first: Int32Array // px, the leftmost pixel
  readonly last: Int32Array // px, the rightmost pixel
  readonly piece: Int32Array // piece of a run, as the index of the piece's first run
}

/** Runs that fit the working memory; a drawing has some hundreds. */
const USUAL = 2048

// Working memory: allocating it for each picture would take longer than using it.
const ROW = new Int32Array(USUAL)
const FIRST = new Int32Array(USUAL)
const LAST = new Int32Array(USUAL)
const PIECE = new Int32Array(USUAL)

/** `memory` if it has at least `count` elements, else a new array; `memory` is not cleared. */
export function reuseOrAllocate(memory: Int32Array, count: number): Int32Array {
  return count <= memory.length ? memory : new Int32Array(count)
}

/**
 * The runs of solid pixels. They are valid until the next call; the arrays may be longer than there are runs.
 * @param amount row-major; its offset is a multiple of 4 bytes
 * @param solid least amount of a solid pixel, 1..255
 */
export function findRuns(amount: Uint8Array, width: number, height: number, solid: number): Runs {
  const words = new Uint32Array(amount.buffer, amount.byteOffset, amount.length >> 2)
  let row: Int32Array = ROW
  let first: Int32Array = FIRST
  let last: Int32Array = LAST
  let count = 0
  for (let y = 0; y < height; y++) {
    const base = y * width
    const end = base + width
    for (let p = base; p < end; ) {
      if (amount[p] < solid) {
        p++
        // most of a picture is paper: four pixels at a time
        if ((p & 3) === 0) for (let w = p >> 2; w < end >> 2 && words[w] === 0; w++) p += 4
        continue
      }
      if (count === row.length) {
        row = longer(row)
        first = longer(first)
        last = longer(last)
      }
      row[count] = y
      first[count] = p - base
      do p++
      while (p < end && amount[p] >= solid)
      last[count++] = p - 1 - base
    }
  }
  const piece = reuseOrAllocate(PIECE, count)
  for (let k = 0; k < count; k++) piece[k] = k
  join(count, row, first, last, piece)
  return { count, row, first, last, piece }
}

/** A copy with room for twice as many. */
function longer(values: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * values.length)
  more.set(values)
  return more
}

/** Union-find over runs that touch in adjacent rows, diagonally too. Afterwards every run refers to its piece's first run. */
function join(count: number, row: Int32Array, first: Int32Array, last: Int32Array, piece: Int32Array): void {
  let above = 0 // the first run of the row above that may still touch
  for (let k = 0; k < count; k++) {
    while (row[above] < row[k] - 1) above++
    while (row[above] === row[k] - 1 && last[above] + 1 < first[k]) above++
    for (let j = above; row[j] === row[k] - 1 && first[j] <= last[k] + 1; j++) {
      const a = root(piece, j)
      const b = root(piece, k)
      piece[Math.max(a, b)] = Math.min(a, b)
    }
  }
  for (let k = 0; k < count; k++) piece[k] = root(piece, k)
}

function root(piece: Int32Array, run: number): number {
  let r = run
  while (piece[r] !== r) {
    piece[r] = piece[piece[r]] // halve the path on the way
    r = piece[r]
  }
  return r
}
