/**
 * The drawing: finished strokes, the one being drawn, and the way back. Plain points in a square of SIZE units, so
 * that it can be painted again at any resolution, exactly.
 */

/** Side of the square all points live in, units; the picture that is recognised has as many px. */
export const SIZE = 280

/** Pen widths on offer, units. */
export const WIDTH = { min: 8, max: 40, initial: 22 } as const

export type Point = readonly [x: number, y: number]

export interface Stroke {
  readonly width: number // units
  readonly points: readonly Point[] // at least one
}

/** What can move over the paper: the hand behind mouse, finger, pen and keyboard. */
export interface Pen {
  down(x: number, y: number): void
  move(x: number, y: number): void
  up(): void
  /** Lifts the pen and takes the open stroke back. */
  cancel(): void
}

const NEAR = 0.5 // units; a point nearer to the last one than this adds nothing
const STEPS_BACK = 100 // undo steps kept

/** A drawing that tells when it changes. `settled` is false while a stroke is open. */
export class Drawing implements Pen {
  width: number = WIDTH.initial
  /** Counts the settled states, so that a late answer can be told from the answer to what is on the paper. */
  revision = 0
  #strokes: readonly Stroke[] = []
  #past: (readonly Stroke[])[] = []
  #open: Point[] | undefined
  readonly #changed: (settled: boolean) => void

  constructor(changed: (settled: boolean) => void) {
    this.#changed = changed
  }

  /** All strokes, the open one last. */
  get strokes(): readonly Stroke[] {
    return this.#open ? [...this.#strokes, { width: this.width, points: this.#open }] : this.#strokes
  }

  get empty(): boolean {
    return this.#strokes.length === 0 && !this.#open
  }

  /** Whether a stroke is being drawn. */
  get open(): boolean {
    return this.#open !== undefined
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  down(x: number, y: number): void {
    this.up()
    this.#open = [[x, y]]
    this.#changed(false)
  }

  move(x: number, y: number): void {
    const last = this.#open?.at(-1)
    if (!this.#open || !last || Math.hypot(x - last[0], y - last[1]) < NEAR) return
    this.#open.push([x, y])
    this.#changed(false)
  }

  up(): void {
    if (!this.#open) return
    const stroke = { width: this.width, points: this.#open }
    this.#open = undefined
    this.#settle([...this.#strokes, stroke])
  }

  cancel(): void {
    if (!this.#open) return
    this.#open = undefined
    this.#changed(true)
  }

  /** Takes the last stroke, or the last clearing, back. */
  undo(): void {
    if (this.#open) {
      this.cancel()
      return
    }
    const before = this.#past.pop()
    if (!before) return
    this.#strokes = before
    this.revision += 1
    this.#changed(true)
  }

  clear(): void {
    this.cancel()
    if (this.#strokes.length > 0) this.#settle([])
  }

  #settle(strokes: readonly Stroke[]): void {
    this.#past = [...this.#past, this.#strokes].slice(-STEPS_BACK)
    this.#strokes = strokes
    this.revision += 1
    this.#changed(true)
  }
}
