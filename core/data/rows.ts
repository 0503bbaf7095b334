/** Rows of a data set whose number is not known beforehand: stored in blocks, joined once at the end. */

import type { Dataset } from './dataset.ts'
import { PIXELS } from './dataset.ts'

const BLOCK = 1_024 // rows, 803 kB of pixels

export class Rows {
  count = 0
  #images: Uint8Array[] = []
  #labels: Uint8Array[] = []

  /** Adds a row: a label 0..9 and 784 bytes, which are copied. */
  add(label: number, pixels: Uint8Array): void {
    const row = this.count % BLOCK
    if (row === 0) {
      this.#images.push(new Uint8Array(BLOCK * PIXELS))
      this.#labels.push(new Uint8Array(BLOCK))
    }
    const block = this.#images.length - 1
    this.#images[block].set(pixels, row * PIXELS)
    this.#labels[block][row] = label
    this.count++
  }

  /** Joins all rows. Blocks are freed on the way, so the rows can be taken once. */
  take(): Dataset {
    const images = new Uint8Array(this.count * PIXELS)
    const labels = new Uint8Array(this.count)
    for (let first = 0; first < this.count; first += BLOCK) {
      const rows = Math.min(BLOCK, this.count - first)
      images.set((this.#images.shift() as Uint8Array).subarray(0, rows * PIXELS), first * PIXELS)
      labels.set((this.#labels.shift() as Uint8Array).subarray(0, rows), first)
    }
    return { images, labels, count: this.count }
  }
}
