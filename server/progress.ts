/** Training progress on standard error: a bar on a terminal, a line per epoch elsewhere. */

import { Presets, SingleBar } from 'cli-progress'
import type { EpochReport } from '../core/training.ts'

export interface TrainingProgress {
  update(now: { epoch: number; step: number; loss: number; accuracy: number }): void
  epoch(line: string): void
  stop(): void
}

/** One line on an epoch that ended. */
export function epochLine(report: EpochReport, epochs: number): string {
  const { epoch, trainingLoss, trainingAccuracy, validation, best } = report
  return (
    `epoch ${epoch}/${epochs}  loss ${trainingLoss.toFixed(4)}  accuracy ${(trainingAccuracy * 100).toFixed(2)} %  ` +
    `validation loss ${validation.loss.toFixed(4)}  accuracy ${(validation.accuracy * 100).toFixed(2)} %${best ? '  best' : ''}`
  )
}

export function trainingProgress(epochs: number, stepsPerEpoch: number): TrainingProgress {
  const terminal = process.stderr.isTTY === true
  if (!terminal) return { update() {}, epoch: (line) => console.error(line), stop() {} }
  const bar = new SingleBar(
    {
      format: `epoch {epoch}/${epochs} {bar} {percentage} %  loss {loss}  accuracy {accuracy}  {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
      gracefulExit: false, // SIGINT is the trainer's own business
    },
    Presets.shades_classic,
  )
  bar.start(epochs * stepsPerEpoch, 0, { epoch: 1, loss: '', accuracy: '' })
  return {
    update({ epoch, step, loss, accuracy }) {
      if (step === 0) return // an epoch has just begun: there is no loss to show yet
      bar.update((epoch - 1) * stepsPerEpoch + step, {
        epoch: Math.min(epoch, epochs),
        loss: loss.toFixed(4),
        accuracy: `${(accuracy * 100).toFixed(2)} %`,
      })
    },
    epoch() {},
    stop: () => bar.stop(),
  }
}
