/** The report beside a model's weights: how its training went and what it still gets wrong, as numbers and pictures. */

import type { Evaluation, LabelledImages } from '../../core/evaluation.ts'
import type { EpochFigures } from '../training/run.ts'
import { drawConfusion } from './confusion.ts'
import { drawCurves } from './curves.ts'
import { drawMistakes } from './mistakes.ts'
import { loadPlotter } from './plot.ts'

export interface Reported {
  readonly name: string // of the model
  readonly evaluation: Evaluation // on `set`
  readonly set: LabelledImages
  readonly history?: readonly EpochFigures[]
  readonly loss?: string // what was made small, where that is not cross-entropy
}

/**
 * The files by name: history.json and curves.svg of a model trained in epochs, confusion.svg, and mistakes.svg, which
 * shows the data. Same run, same bytes. Without the plotting libraries there are no pictures.
 * @param note hears, in a sentence, what is missing
 */
export async function reportFiles(
  { name, evaluation, set, history = [], loss }: Reported,
  note: (line: string) => void,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  if (history.length > 0) files['history.json'] = `[\n${history.map((epoch) => JSON.stringify(epoch)).join(',\n')}\n]\n`
  const plotter = await loadPlotter()
  if (!plotter) {
    note('no pictures in the report: @observablehq/plot and linkedom are not installed (npm ci brings them)')
    return files
  }
  if (history.length > 0) files['curves.svg'] = drawCurves(plotter, name, history, loss)
  files['confusion.svg'] = drawConfusion(plotter, name, evaluation)
  files['mistakes.svg'] = drawMistakes(plotter, name, evaluation, set)
  return files
}
