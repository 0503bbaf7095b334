/** Training progress on standard error: lines for people and, on a terminal, a bar below them. */

import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import type { EpochFigures, RunProgress } from './training/run.ts'

/** One line on an epoch that ended. */
export function epochLine({ epoch, training, validation, best }: EpochFigures, epochs: number): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`
  return (
    `epoch ${epoch}/${epochs}  loss ${training.loss.toFixed(4)}  accuracy ${percent(training.accuracy)}  ` +
    `validation loss ${validation.loss.toFixed(4)}  accuracy ${percent(validation.accuracy)}${best ? '  best' : ''}`
  )
}

/** Shows a run on standard error; `stop` leaves the terminal as it was. */
export function runProgress(stream: NodeJS.WriteStream = process.stderr): RunProgress & { stop(): void } {
  if (!stream.isTTY) return { note: (line) => stream.write(`${line}\n`), update() {}, stop() {} }
  let bars: MultiBar | undefined
  let bar: SingleBar | undefined
  let shown = ''

  function create(stage: string, total: number, done: number): SingleBar {
    bars ??= new MultiBar(
      {
        format: '{stage} {bar} {percentage} %  {text}  {eta_formatted} left',
        stream,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // SIGINT is the trainer's own business
        etaBuffer: 200, // updates: steps differ in length
      },
      Presets.shades_classic,
    )
    if (bar) bars.remove(bar)
    shown = stage
    return bars.create(total, done, { stage, text: '' })
  }

  return {
    note(line) {
      if (!bars) return void stream.write(`${line}\n`)
      bars.log(`${line}\n`)
      bars.update() // what it has not shown yet is lost when it stops
    },
    update(stage, done, total, text = '') {
      if (!bar || stage !== shown) bar = create(stage, total, done)
      bar.update(done, { stage, text })
    },
    stop() {
      bars?.stop()
      bars = undefined
      bar = undefined
    },
  }
}
