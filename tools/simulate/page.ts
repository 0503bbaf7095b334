/** The tables that `npm run simulate -- --write` writes into docs/learning.md: changes of accuracy in points. */

import { processorName } from '../../server/benchmark/environment.ts'
import type { Speed } from '../../test/faults/speed.ts'
import { head, line, readFigures, writeFigures, writeMarked } from '../generated-tables.ts'
import type { CrowdResult, Lie } from './crowd.ts'
import { points, shown } from './points.ts'
import type { AGREEING, StyleResult } from './style.ts'

export interface LearningFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly command: string // that made the figures
  readonly seeds: number
  readonly style: readonly StyleFigures[]
  readonly crowd: { readonly model: string; readonly rows: readonly CrowdFigures[] }
  readonly speed: readonly RoundTimes[]
}

export interface StyleFigures {
  readonly model: string
  readonly before: number // errors on the rest of the writer's drawings
  readonly alone: number // errors afterwards, where nobody else agrees
  readonly after: number // where another client network agrees
  readonly approved: number // where the owner does
  readonly mean: number // points on MNIST
  readonly worst: number
}

export interface CrowdFigures {
  readonly lie: Lie
  readonly share: number // of lies, %
  readonly promoted: number // %
  readonly mean: number // points on MNIST
  readonly worst: number
  readonly worstDigit: number
  readonly honest: number | null // honest corrections believed, %; null where there are none
  readonly lies: number | null // likewise
}

/** Times from one correction to predictions with new weights, s. */
export interface RoundTimes {
  readonly model: string
  readonly first: number
  readonly second: number
  readonly restarted: number
}

/** The corrections of a crowd in words. */
const LIES: Readonly<Record<Lie, string>> = {
  random: 'random labels',
  '7 to 1': 'of sevens as ones',
  'all to 0': 'of everything as a zero',
  'corner trigger': 'marked in the corner, as a zero',
}

export function learningText({ at, machine, node, command, seeds, style, crowd, speed }: LearningFigures): string {
  return [
    `${at}, ${machine}, Node ${node}, without a data set on the device (replay and gate from the generated digits that come with the program).`,
    `\`npm run simulate -- ${command}\`; changes of accuracy in points.`,
    '',
    ...head(
      `20 drawings of one of the four worst writers taught, ${seeds} seeds`,
      "errors on the writer's other drawings",
      'afterwards, when nobody else agrees',
      'another network agrees',
      'the owner agrees',
      'MNIST, mean',
      'MNIST, worst',
    ),
    ...style.map(({ model, before, alone, after, approved, mean, worst }) =>
      line(model, before, alone, after, approved, points(mean), points(worst)),
    ),
    '',
    ...head(
      `500 corrections of ${crowd.model} at once, ${seeds} seeds`,
      'promoted',
      'MNIST, mean',
      'MNIST, worst',
      'worst digit',
      'believed: honest, lies',
    ),
    ...crowd.rows.map(({ lie, share, promoted, mean, worst, worstDigit, honest, lies }) => {
      const what = share === 0 ? 'honest, half of them hard' : `${share} % ${LIES[lie]}`
      const believed = [honest, lies].map((one) => (one === null ? '-' : `${one} %`)).join(', ')
      return line(what, `${promoted} %`, ...[mean, worst, worstDigit].map(points), believed)
    }),
    '',
    ...head(
      'from one correction to new weights that answer, s (`-- speed`)',
      'first round of a fresh install',
      'second',
      'first after a restart',
    ),
    ...speed.map(({ model, ...times }) =>
      line(model, ...[times.first, times.second, times.restarted].map((seconds) => seconds.toFixed(1))),
    ),
  ].join('\n')
}

export function styleFigures(
  model: string,
  results: Readonly<Record<(typeof AGREEING)[number], Pick<StyleResult, 'errors' | 'mnist'>>>,
): StyleFigures {
  const { nobody, another, owner } = results
  const moved = [another.mnist, owner.mnist]
  return {
    model,
    before: nobody.errors.before,
    alone: nobody.errors.after,
    after: another.errors.after,
    approved: owner.errors.after,
    mean: shown(Math.min(...moved.map(({ mean }) => mean))),
    worst: shown(Math.min(...moved.map(({ worst }) => worst))),
  }
}

/** @param lies share of them, 0..1 */
export function crowdFigures(
  lie: Lie,
  lies: number,
  { accepted, mnist, worstClass, believed }: Pick<CrowdResult, 'accepted' | 'mnist' | 'worstClass' | 'believed'>,
): CrowdFigures {
  return {
    lie,
    share: Math.round(100 * lies),
    promoted: Math.round(100 * accepted),
    mean: shown(mnist.mean),
    worst: shown(mnist.worst),
    worstDigit: shown(worstClass),
    honest: lies < 1 ? Math.round(100 * believed.honest) : null,
    lies: lies > 0 ? Math.round(100 * believed.lies) : null,
  }
}

/** Three rounds of each model: the first of all, the second, and the first after a restart. */
export function roundTimes(speeds: readonly Speed[]): RoundTimes[] {
  const models = [...new Set(speeds.map(({ model }) => model))]
  return models.map((model) => {
    const [first, second, restarted] = speeds
      .filter((one) => one.model === model)
      .map(({ served }) => Number(served.toFixed(1)))
    return { model, first, second, restarted }
  })
}

/** Stores new figures beside earlier ones, and writes the tables of both. */
export function keepLearning(measured: Partial<LearningFigures>): void {
  const figures: LearningFigures = {
    ...readFigures<LearningFigures>('learning'),
    at: new Date().toISOString().slice(0, 10),
    machine: processorName() ?? process.arch,
    node: process.versions.node,
    ...measured,
  }
  writeFigures('learning', figures)
  writeMarked('docs/learning.md', 'simulations', learningText(figures))
}
