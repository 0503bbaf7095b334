/** The table of `npm run simulate -- yours --write` in docs/learning.md: what a visitor's own browser learns. */

import { processorName } from '../../server/benchmark/environment.ts'
import { head, line, writeFigures, writeMarked } from '../generated-tables.ts'
import { points, shown } from './points.ts'
import type { YoursResult } from './yours.ts'

export interface YoursFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly command: string // that made the figures
  readonly seeds: number
  readonly models: readonly YoursRow[]
}

export interface YoursRow {
  readonly model: string
  readonly before: number // errors on the rest of the writer's drawings
  readonly after: number
  readonly mean: number // points on MNIST
  readonly worst: number
  readonly taught: number // misread drawings, each taught alone
  readonly right: number
  readonly aloneMean: number // points on MNIST
  readonly aloneWorst: number
}

export function yoursText({ at, machine, node, command, seeds, models }: YoursFigures): string {
  return [
    `${at}, ${machine}, Node ${node}; \`npm run simulate -- ${command}\`; changes of accuracy in points.`,
    '',
    ...head(
      `20 drawings of one of the four worst writers taught, ${seeds} seeds`,
      "errors on the writer's other drawings",
      'MNIST, mean',
      'MNIST, worst',
      'one misread drawing taught alone: read as taught',
      'MNIST, mean',
      'MNIST, worst',
    ),
    ...models.map(({ model, before, after, mean, worst, taught, right, aloneMean, aloneWorst }) =>
      line(
        model,
        `${before} to ${after}`,
        points(mean),
        points(worst),
        `${right} of ${taught}`,
        points(aloneMean),
        points(aloneWorst),
      ),
    ),
  ].join('\n')
}

export function yoursRow(model: string, { errors, mnist, alone }: YoursResult): YoursRow {
  return {
    model,
    before: errors.before,
    after: errors.after,
    mean: shown(mnist.mean),
    worst: shown(mnist.worst),
    taught: alone.taught,
    right: alone.right,
    aloneMean: shown(alone.mnist.mean),
    aloneWorst: shown(alone.mnist.worst),
  }
}

/** Stores new figures in place of the earlier ones, and writes their table. */
export function keepYours(command: string, seeds: number, models: readonly YoursRow[]): void {
  const at = new Date().toISOString().slice(0, 10)
  const figures = { at, machine: processorName() ?? process.arch, node: process.versions.node, command, seeds, models }
  writeFigures('yours', figures)
  writeMarked('docs/learning.md', 'yours', yoursText(figures))
}
