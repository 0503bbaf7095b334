/** Images whose labels are beyond doubt: replayed beside corrections so that the rest is not forgotten, and to judge by. */

import type { LabelledImages } from '../models/evaluation.ts'

export interface ReplaySet {
  readonly name: string // 'replay' where they are generated, else the names of the data sets
  /**
   * Image number `index` of any number of them, through `preprocess`; the same on every machine.
   * @param target [784], written
   * @param index u32
   * @returns its label, 0..9
   */
  draw(target: Uint8Array, index: number): number
  /** Others, never drawn: what a gate compares models on. */
  readonly gate: LabelledImages
}
