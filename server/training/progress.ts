/** Training progress on standard error: lines for people and, on a terminal, a bar below them. */

import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import { asPercent } from '../report/percent.ts'
import type { EpochFigures, RunProgress } from './run.ts'

/** One line about a finished epoch. */
export function epochLine({ epoch, training, validation, best }: EpochFigures, epochs: number): string {
  return (
    `epoch ${epoch}/${epochs}  loss ${training.loss.toFixed(4)}  accuracy ${asPercent(training.accuracy)}  ` +
    `validation loss ${validation.loss.toFixed(4)}  accuracy ${asPercent(validation.accuracy)}${best ? '  best' : ''}`
  )
}

const REDRAW = 200 // ms

/** Shows a run on standard error. `stop` restores the terminal. */
export function runProgress(stream: NodeJS.WriteStream = process.stderr): RunProgress & { stop(): void } {
  if (!stream.isTTY) return { note: (line) => stream.write(`${line}\n`), update() {}, stop() {} }
  let bars: MultiBar | undefined
  let bar: SingleBar | undefined
  let shown = ''
  let first = { done: 0, at: 0 } // of the current stage; ms
  let drawn = 0 // time of the last redraw, ms

  function create(stage: string, total: number, done: number): SingleBar {
    bars ??= new MultiBar(
      {
        format: '{stage} {bar} {percentage} %  {text}  {left}',
        stream,
        barsize: 20, // characters, few because the text beside it is long
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false, // training handles SIGINT
      },
      Presets.shades_classic,
    )
    if (bar) bars.remove(bar)
    shown = stage
    first = { done, at: performance.now() }
    return bars.create(total, done, { stage, text: '', left: '' })
  }

  return {
    note(line) {
      if (!bars) return void stream.write(`${line}\n`)
      bars.log(`${line}\n`)
      bars.update() // lines not shown yet would be lost when it stops
    },
    update(stage, done, total, text = '') {
      if (!bar || stage !== shown) bar = create(stage, total, done)
      const now = performance.now()
      const left = ((now - first.at) / (done - first.done)) * (total - done)
      bar.update(done, { stage, text, left: Number.isFinite(left) ? `${duration(left)} left` : '' })
      // a computation without pauses keeps the bar's own timer from firing
      if (now - drawn < REDRAW) return
      drawn = now
      bars?.update()
    },
    stop() {
      bars?.stop()
      bars = undefined
      bar = undefined
    },
  }
}

// Milliseconds in words: 40 s, 12 min, 3 h 5 min.
function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 2) return `${Math.ceil(ms / 1000)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
