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

/** The runs of pixels with at least the amount `solid`, 1..255, in a row-major picture whose bytes begin on a whole word. */
export function findRuns(amount: Uint8Array, width: number, height: number, solid: number): Runs {
  const words = new Uint32Array(amount.buffer, amount.byteOffset, amount.length >> 2)
  const rows: number[] = []
  const firsts: number[] = []
  const lasts: number[] = []
  for (let y = 0; y < height; y++) {
    const base = y * width
    const end = base + width
    for (let p = base; p < end; ) {
      if (amount[p] < solid) {
        p++
        // paper is most of a picture, and looked at four pixels at a time
        if ((p & 3) === 0) for (let w = p >> 2; w < end >> 2 && words[w] === 0; w++) p += 4
        continue
      }
      rows.push(y)
      firsts.push(p - base)
      do p++
      while (p < end && amount[p] >= solid)
      lasts.push(p - 1 - base)
    }
  }
  const row = Int32Array.from(rows)
  const first = Int32Array.from(firsts)
  const last = Int32Array.from(lasts)
  const piece = row.map((_, k) => k)
  join(row, first, last, piece)
  return { count: row.length, row, first, last, piece }
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
