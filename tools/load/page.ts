/** The table that `npm run load` writes into docs/results.md. */

import { head, line, writeMarked } from '../generated-tables.ts'

export interface LoadFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly model: string // the default one
  readonly rounds: number
  readonly pngjs: number // time of a request with a PNG, as a multiple of the time pngjs takes to decode it
  readonly pngjsRounds: number
  readonly loaded: { readonly models: number; readonly memory: number } // MiB with all models loaded
  readonly series: readonly SeriesFigures[]
  readonly soak?: LongRunFigures
}

/** Memory over a long run, MiB resident. */
export interface LongRunFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly requests: number
  readonly rounds: number // of learning
  readonly start: number
  readonly thirds: readonly number[] // of the requests, medians
}

export interface SeriesFigures {
  readonly kind: 'png' | 'strokes'
  readonly connections: number
  readonly rate: number // answers a second
  readonly median: number // ms
  readonly p99: number // ms
  readonly refused: number // with 503, %
  readonly memory: number // MiB, after the last round
}

const KINDS = { png: 'PNG', strokes: 'strokes' }

export function loadText(figures: LoadFigures): string {
  const { at, machine, node, model, rounds, pngjs, pngjsRounds, loaded, series, soak } = figures
  return [
    `Over HTTP to the default model (${model}), the same drawing as a canvas of 280x280 or as strokes, measured by \`npm run load\``,
    `on ${at}: ${machine}, Node ${node}, one core for the server and one for the load, median of ${rounds} rounds.`,
    '',
    ...head('load', 'connections', 'answers a second', 'median, ms', 'p99, ms', 'refused with 503', 'memory, MiB'),
    ...series.map(({ kind, connections, rate, median, p99, refused, memory }) => {
      const share = refused === 0 ? '0' : `${refused.toFixed(1)} %`
      return line(KINDS[kind], connections, rate, median, p99 < 10 ? p99.toFixed(1) : p99, share, memory)
    }),
    '',
    `A request with a PNG takes ${pngjs.toFixed(2)} of the time that pngjs takes to decode it and do nothing else, on the same core in turns`,
    `(median of ${pngjsRounds}). All ${loaded.models} models loaded take ${loaded.memory} MiB.`,
    ...(soak ? longRunText(soak) : []),
  ].join('\n')
}

function longRunText({ at, machine, node, requests, rounds, start, thirds }: LongRunFigures): string[] {
  const [first, second, third] = thirds
  return [
    '',
    `In long use, measured by \`npm run load -- --soak ${requests}\` on ${at}: ${machine}, Node ${node}.`,
    `${requests.toLocaleString('en')} requests to all models and of all kinds from 8 visitors at once, with ${rounds} rounds of learning. Resident:`,
    `${start} MiB at the start; in the three thirds of the requests, as medians, ${first}, ${second} and ${third} MiB.`,
  ]
}

export function writeLoad(figures: LoadFigures): void {
  writeMarked('docs/results.md', 'load', loadText(figures))
}
