/**
 * Reduces a picture by a whole factor while its rows arrive: every pixel of the result is the mean of a box of factor x factor pixels,
 * of fewer at the right and bottom edge. A colour weighs as much as its alpha, so that transparent pixels tint nothing.
 */

import type { Raster } from '../data/raster.ts'

/** Sums of a box, in 16ths: red, green and blue times alpha / 255, and alpha. Of 16 pixels each is at most 65,280, and fits 16 bits. */
const SUMS = 4
const PARTS = 16

/** Rows of boxes that are finished in a piece of work. */
const ROWS_AT_ONCE = 64

/** Where a row of pixels lies in the whole picture: pixel i of row j at (x + i * dx, y + j * dy). */
interface Place {
  readonly x: number // px
  readonly y: number // px
  readonly dx: number // px
  readonly dy: number // px
}

/** A picture that is being reduced. */
export class BoxMean {
  readonly #width: number // px, of the whole picture
  readonly #height: number // px
  readonly #factor: number
  readonly #columns: number // boxes
  readonly #rows: number // boxes
  readonly #sums: Uint16Array<ArrayBuffer>
  readonly #means: Uint8Array
  readonly #anyOrder: boolean

  /**
   * @param size of the whole picture, px
   * @param anyOrder whether rows may come in any order; else they come from top to bottom, and less memory is taken
   */
  constructor({ width, height }: { width: number; height: number }, factor: number, anyOrder: boolean) {
    this.#width = width
    this.#height = height
    this.#factor = factor
    this.#columns = Math.ceil(width / factor)
    this.#rows = Math.ceil(height / factor)
    this.#sums = new Uint16Array(SUMS * this.#columns * (anyOrder ? this.#rows : 1))
    this.#means = new Uint8Array(4 * this.#columns * this.#rows)
    this.#anyOrder = anyOrder
  }

  /** Adds row j of the pixels at `place`, [pixels][4]. */
  add(rgba: Uint8Array, place: Place, j: number): void {
    const y = place.y + j * place.dy
    const row = Math.floor(y / this.#factor)
    this.#addRow(rgba, this.#anyOrder ? row : 0, place.x, place.dx)
    if (!this.#anyOrder && (y % this.#factor === this.#factor - 1 || y === this.#height - 1)) this.#finish(row, 0)
  }

  /** The reduced picture, once all rows were added; in pieces of work. */
  *raster(): Generator<void, Raster> {
    if (this.#anyOrder) {
      for (let row = 0; row < this.#rows; row++) {
        this.#finish(row, row)
        if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
      }
    }
    return { width: this.#columns, height: this.#rows, channels: 4, data: this.#means }
  }

  /** Gives back the memory of the sums, which the garbage collector would keep for dozens of pictures. */
  free(): void {
    if (this.#sums.length > 0) this.#sums.buffer.transfer(0)
  }

  #addRow(rgba: Uint8Array, sumsRow: number, x: number, dx: number): void {
    const factor = this.#factor
    const sums = this.#sums
    let s = SUMS * sumsRow * this.#columns
    let end = factor // of the box at s, px
    for (let i = 0; i < rgba.length; ) {
      while (x >= end) {
        end += factor
        s += SUMS
      }
      let red = 0
      let green = 0
      let blue = 0
      let alpha = 0
      for (; x < end && i < rgba.length; x += dx, i += 4) {
        const a = rgba[i + 3]
        red += a * rgba[i]
        green += a * rgba[i + 1]
        blue += a * rgba[i + 2]
        alpha += a
      }
      sums[s] += (red * PARTS) / 255 + 0.5
      sums[s + 1] += (green * PARTS) / 255 + 0.5
      sums[s + 2] += (blue * PARTS) / 255 + 0.5
      sums[s + 3] += alpha * PARTS
    }
  }

  /** Writes the means of a row of boxes, and clears its sums. */
  #finish(row: number, sumsRow: number): void {
    const sums = this.#sums
    const means = this.#means
    const height = Math.min(this.#factor, this.#height - row * this.#factor)
    const first = SUMS * sumsRow * this.#columns
    const end = first + SUMS * this.#columns
    for (let s = first, to = 4 * row * this.#columns, x = 0; s < end; s += SUMS, to += 4, x += this.#factor) {
      const pixels = height * Math.min(this.#factor, this.#width - x)
      const alpha = sums[s + 3]
      means[to + 3] = alpha / (PARTS * pixels) + 0.5
      for (let c = 0; c < 3 && alpha > 0; c++) means[to + c] = Math.min(255, (255 * sums[s + c]) / alpha + 0.5)
    }
    sums.fill(0, first, end)
  }
}
