/** Runs the simulations of faults and prints their figures as tables: `npm run simulate -- kill swaps disk latency speed`. */

import { availableParallelism, cpus } from 'node:os'
import { type KillFigures, noFigures } from './checks.ts'
import { failDisk } from './disk.ts'
import { killWhileCorrecting, killWhileTraining } from './kill.ts'
import { compareLatency, type Latency } from './latency.ts'
import { measureSpeed, type Speed } from './speed.ts'
import { swapUnderLoad } from './swaps.ts'

/** Number of kills during corrections, and during the rounds of each model. */
const KILLS = { correcting: 100, training: { softmax: 50, 'cnn-small': 30, cnn: 20 } }
const SWAPS = 500
const FAULT = 5000 // duration of a disk fault, ms
const [RUNS, STRETCH] = [5, 10] // pairs of intervals, s each
const LIMITS: Readonly<Record<string, number>> = { softmax: 2, cnn: 10 } // s
const TAUGHT = ['softmax', 'mlp-300-100', 'cnn-small', 'cnn', 'knn']

export const FAULTS = ['kill', 'swaps', 'disk', 'latency', 'speed'] as const

/**
 * Runs the named simulations and prints their tables.
 * @param speeds also gets the figures of `speed`
 * @returns false when something happened that must never happen
 */
export async function reportFaults(names: readonly string[], speeds: Speed[] = []): Promise<boolean> {
  let well = true
  for (const name of FAULTS) {
    if (!names.includes(name)) continue
    const began = performance.now()
    well = (await REPORTS[name](speeds)) && well
    const seconds = Math.round((performance.now() - began) / 1000)
    console.log(`\n\`npm run simulate -- ${name}\`, ${seconds} s, ${availableParallelism()} cores, ${cpus()[0]?.model}`)
  }
  return well
}

const REPORTS: Readonly<Record<(typeof FAULTS)[number], (speeds: Speed[]) => Promise<boolean>>> = {
  async kill() {
    head('`kill -9` at random moments', [
      'While',
      'Kills',
      'What it was doing',
      'Starts broken',
      'Slowest start',
      'Acknowledged',
      'Lost',
      'Weights compared',
      'Different',
    ])
    const total = noFigures()
    add('correcting, softmax', await killWhileCorrecting(KILLS.correcting, 'softmax'))
    for (const [model, kills] of Object.entries(KILLS.training)) {
      add(`training ${model}`, await killWhileTraining(kills, model))
    }
    return total.lost + total.brokenStarts + total.different === 0

    function add(what: string, figures: KillFigures): void {
      const { kills, struck, starts, brokenStarts, slowestStart, acknowledged, lost, compared, different } = figures
      total.lost += lost
      total.brokenStarts += brokenStarts
      total.different += different
      const doing = Object.entries(struck).map(([phase, times]) => `${phase} ${times}`)
      row(
        what,
        kills,
        doing.join(', '),
        `${brokenStarts} of ${starts}`,
        ms(slowestStart),
        acknowledged,
        lost,
        compared,
        different,
      )
    }
  },

  async swaps() {
    head('Versions swapped under load', ['Swaps', 'Answers', 'By version', 'Failed', 'Mixed', 's'])
    const { swaps, answers, versions, failed, mixed, seconds } = await swapUnderLoad(SWAPS)
    const kinds = Object.entries(answers).map(([kind, count]) => `${count} ${kind}`)
    const served = versions.map(([version, count]) => `${version}: ${count}`)
    row(swaps, kinds.join(', '), served.join(', '), failed, mixed, seconds.toFixed(0))
    return failed + mixed === 0
  },

  async disk() {
    head('A disk that fails', [
      'Fault',
      'Predictions',
      'Failed',
      'Corrections refused with 503',
      'Answered otherwise',
      'Acknowledged',
      'Lost',
      'Taken again after',
      'Learns again without help',
    ])
    const { figures, missing } = await failDisk(FAULT)
    for (const { fault, predictions, failed, refused, wrong, acknowledged, lost, recovery, learned } of figures) {
      row(fault, predictions, failed, refused, wrong, acknowledged, lost, ms(recovery), learned ? 'yes' : 'no')
    }
    for (const why of missing) console.log(`\nNot measured: ${why}`)
    return figures.every(({ failed, wrong, lost, learned }) => failed + wrong + lost === 0 && learned)
  },

  async latency() {
    head('Predictions while rounds of cnn run, 50 a second on 4 connections', [
      '',
      'Answers',
      'Failed',
      'Median',
      'p99',
      'Longest',
      '/livez, longest',
      'Rounds',
    ])
    const pairs = await compareLatency(RUNS, STRETCH)
    const line = (name: string, { answers, failed, median, p99, longest, livez }: Latency, rounds: number | string) =>
      row(name, answers, failed, ms(median), ms(p99), ms(longest), ms(livez), rounds)
    for (const { idle, learning, rounds } of pairs) {
      line('idle', idle, '')
      line('learning', learning, rounds)
    }
    const ratios = pairs.map(({ idle, learning }) => learning.p99 / idle.p99)
    const ratio = middle(ratios)
    const livez = Math.max(...pairs.map(({ learning }) => learning.livez))
    const all = ratios.map((one) => one.toFixed(2)).join(', ')
    console.log(
      `\np99 while learning is ${ratio.toFixed(2)} times that of idle, median of ${all}; /livez ${ms(livez)} at most`,
    )
    return ratio <= 2 && livez < 50
  },

  async speed(speeds) {
    head('From one correction to new weights that answer, s', [
      'Model',
      'Round',
      'Served after',
      'Collecting',
      'Preparing',
      'Training',
      'Gate and swap',
    ])
    let well = true
    for (const model of TAUGHT) {
      const measured = await measureSpeed(model)
      speeds.push(...measured)
      for (const { round, served, collecting, preparing, training, gate } of measured) {
        row(model, round, ...[served, collecting, preparing, training, gate].map((seconds) => seconds.toFixed(2)))
        well &&= served < (LIMITS[model] ?? Infinity)
      }
    }
    return well
  },
}

const ms = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ms`
const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

function head(title: string, columns: readonly string[]): void {
  console.log(`\n${title}\n`)
  row(...columns)
  row(...columns.map(() => '---'))
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
