/** The digits at borders that were chosen for a shipped model, from a file beside its weights: see core/learning/border.ts. */

import { join } from 'node:path'
import { type BorderDigits, createBorderSource, drawBorder, unpackBorder } from '../../core/learning/border.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { readSealed } from '../files/sealed.ts'
import { loadReplayGenerator } from './replay-generator.ts'

/** File beside the weights of a shipped model that learns. */
export const SHIPPED_BORDER = 'border.pool'

/** @param weights SHA-256 of the shipped model's */
export function borderIdentity(weights: string): string {
  return `borders of ${weights}`
}

/** Draws the digits of a model's borders, and keeps those of the last model. */
export interface ShippedBorders {
  /**
   * @param model id of a shipped model
   * @param weights SHA-256 of its weights
   * @param rest awaited between pieces of work
   * @returns undefined where none were chosen for these weights, as for imported models
   */
  draw(
    model: string,
    weights: string,
    replaySet: ReplaySet,
    rest: () => Promise<void>,
  ): Promise<BorderDigits | undefined>
}

export function createShippedBorders(folder: string = SHIPPED_MODELS): ShippedBorders {
  let last: { readonly identity: string; readonly digits: BorderDigits } | undefined
  return {
    async draw(model, weights, replaySet, rest) {
      const identity = borderIdentity(weights)
      if (last?.identity === identity) return last.digits
      last = undefined
      const bytes = readSealed(join(folder, model, SHIPPED_BORDER), identity)
      if (!bytes) return undefined
      const generator = replaySet.name === 'replay' ? replaySet : loadReplayGenerator()
      const drawing = drawBorder(unpackBorder(bytes), createBorderSource(generator))
      while (drawing.draw()) await rest()
      last = { identity, digits: drawing.digits }
      return last.digits
    },
  }
}
