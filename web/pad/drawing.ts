/**
 * The drawing: finished strokes, the open stroke and the undo steps. Its points lie in a square of SIZE units, so that it
 * can be painted exactly at any resolution.
 */

/** Side of the drawing's square, units. The picture that is recognised has as many px. */
export const SIZE = 280

/** Pen widths to choose from, units. */
export const WIDTH = { min: 8, max: 40, initial: 22 } as const

export type Point = readonly [x: number, y: number]

export interface Stroke {
  readonly width: number // units
  readonly points: readonly Point[] // at least one
}

/** What mouse, finger, pen and keyboard move over the pad. */
export interface Pen {
  down(x: number, y: number): void
  move(x: number, y: number): void
  up(): void
  /** Lifts the pen and drops the open stroke. */
  cancel(): void
}

const NEAR = 0.5 // units; a point nearer to the last one than this is left out
const UNDO_STEPS = 100

/** A drawing that reports its changes. `settled` is false while a stroke is open. */
export class Drawing implements Pen {
  width: number = WIDTH.initial
  /** Counts the settled changes. A late answer is recognised by its older revision. */
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

  /** Undoes the last stroke or the last clearing. */
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
    this.#past = [...this.#past, this.#strokes].slice(-UNDO_STEPS)
    this.#strokes = strokes
    this.revision += 1
    this.#changed(true)
  }
}
