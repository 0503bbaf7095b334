/**
 * The connected pieces of a drawing, found on runs of solid pixels instead of single ones, so that the cost follows the
 * outline and not the area.
 */

/** Runs of solid pixels, in reading order, joined into 8-connected pieces. */
export interface Runs {
  readonly count: number
  readonly row: Int32Array // px
  readonly first: Int32Array // px, the leftmost pixel
  readonly last: Int32Array // px, the rightmost pixel
  readonly piece: Int32Array // which piece a run belongs to: the index of that piece's first run
}

/** The runs of pixels with at least the amount `solid` in a row-major picture. */
export function findRuns(amount: Uint8Array, width: number, height: number, solid: number): Runs {
  let count = 0
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0, inside = false; x < width; x++, p++) {
      const ink = amount[p] >= solid
      if (ink && !inside) count++
      inside = ink
    }
  }
  const row = new Int32Array(count)
  const first = new Int32Array(count)
  const last = new Int32Array(count)
  const piece = new Int32Array(count)
  for (let y = 0, p = 0, k = -1; y < height; y++) {
    for (let x = 0, inside = false; x < width; x++, p++) {
      const ink = amount[p] >= solid
      if (ink && !inside) {
        k++
        row[k] = y
        first[k] = x
        piece[k] = k
      }
      if (ink) last[k] = x
      inside = ink
    }
  }
  join(row, first, last, piece)
  return { count, row, first, last, piece }
}

/** Union-find over runs that touch, diagonally too, in neighbouring rows; leaves every run with its piece's first run. */
function join(row: Int32Array, first: Int32Array, last: Int32Array, piece: Int32Array): void {
  let above = 0 // the first run of the row above that may still touch
  for (let k = 0; k < row.length; k++) {
    while (row[above] < row[k] - 1) above++
    while (row[above] === row[k] - 1 && last[above] + 1 < first[k]) above++
    for (let j = above; row[j] === row[k] - 1 && first[j] <= last[k] + 1; j++) {
      const a = root(piece, j)
      const b = root(piece, k)
      piece[Math.max(a, b)] = Math.min(a, b)
    }
  }
  for (let k = 0; k < row.length; k++) piece[k] = root(piece, k)
}

function root(piece: Int32Array, run: number): number {
  let r = run
  while (piece[r] !== r) {
    piece[r] = piece[piece[r]] // halve the path on the way
    r = piece[r]
  }
  return r
}
