/** The report beside a model's weights: the course of its training and its mistakes, as numbers and pictures. */

import type { Card } from '../../core/models/card.ts'
import type { Evaluation, LabelledImages } from '../../core/models/evaluation.ts'
import type { EpochFigures } from '../training/run.ts'
import { drawConfusion } from './confusion.ts'
import { drawCurves } from './curves.ts'
import { drawMistakes } from './mistakes.ts'
import { loadPlotter } from './plot.ts'

export interface Reported {
  readonly card: Card
  readonly data: string // name of `set`
  readonly evaluation: Evaluation // of the model on `set`
  readonly set: LabelledImages
  readonly history?: readonly EpochFigures[] // of a model trained in epochs
}

/**
 * The files by name: history.json and curves.svg if there is a history, confusion.svg, and mistakes.svg, which shows images of
 * the data set. The same run gives the same bytes. Without the plotting libraries there are no pictures.
 * @param note called with a sentence about what is missing
 */
export async function reportFiles(
  { card, data, evaluation, set, history = [] }: Reported,
  note: (line: string) => void,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  if (history.length > 0) files['history.json'] = `[\n${history.map((epoch) => JSON.stringify(epoch)).join(',\n')}\n]\n`
  const plotter = await loadPlotter()
  if (!plotter) {
    note('no pictures in the report: @observablehq/plot and linkedom are not installed (npm ci brings them)')
    return files
  }
  const title = `${card.name} on ${data}`
  const trained = card.recipe.loss === 'squared' ? 'squared error' : undefined
  if (history.length > 0) files['curves.svg'] = drawCurves(plotter, card.name, history, trained)
  files['confusion.svg'] = drawConfusion(plotter, title, evaluation)
  files['mistakes.svg'] = drawMistakes(plotter, title, evaluation, set)
  return files
}
