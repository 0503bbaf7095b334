/** A replay set: images with certain labels. Some are replayed beside corrections, others are what the gate compares models on. */

import type { LabelledImages } from '../models/evaluation.ts'

/** Drawings of what is no digit, preprocessed. */
export interface ReplayedOthers {
  readonly replayed: Uint8Array // [n, 784]
  readonly gate: Uint8Array // [m, 784], none of those that are replayed
  /** Draws the next ones; false when all are there. Those that are missing are drawn when they are asked for. */
  generate(): boolean
}

export interface ReplaySet {
  readonly name: string // 'replay' where they are generated, else the names of the data sets
  /**
   * Writes image number `index`, preprocessed; the same bytes on every machine.
   * @param target [784], written
   * @param index any u32
   * @returns the image's label, 0..9
   */
  draw(target: Uint8Array, index: number): number
  /** Images for the gate. `draw` never gives one of them. Those that have not been generated yet are generated then. */
  readonly gate: LabelledImages
  /** Generates the next images for the gate; false when all are there. A set without it has them. */
  generateGate?(): boolean
  /** For models that know what is no digit. */
  readonly others?: ReplayedOthers
}
