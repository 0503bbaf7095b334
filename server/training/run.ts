/**
 * Inputs and results of a training run, for models of any type. `inkling train` loads the data, calls the trainer of the
 * model's type (network, neighbours, forest, boosted), then saves the files and draws the report.
 */

import type { Card, DataSource } from '../../core/models/card.ts'
import type { Evaluation, LabelledImages } from '../../core/models/evaluation.ts'

/** A set of drawings that are no digits. */
export interface OthersSet {
  readonly images: LabelledImages
  readonly source: DataSource
}

/** All images are preprocessed. Models learn only from `training`, and choices are made only by `validation`. */
export interface TrainingData {
  readonly training: LabelledImages
  readonly validation: LabelledImages
  readonly test: LabelledImages // test part of the first data set
  readonly drawings?: LabelledImages // pendigits-test as a canvas draws it, if it is on this machine
  readonly sources: readonly DataSource[] // of training and validation
  readonly testSource: DataSource
  readonly drawingsSource?: DataSource
  readonly others?: readonly OthersSet[] // sets of what is no digit, if any is trained on: those on this machine, their test parts
}

/** Receives the progress of a run. */
export interface RunProgress {
  /** A line for people, such as how the run is set up or the result of a stage. */
  note(line: string): void
  /** Done of total in the current stage. `text` is short, such as 'loss 0.0312'. Frequent calls are cheap. */
  update(stage: string, done: number, total: number, text?: string): void
}

export interface RunContext {
  readonly command: string // for the card: `inkling train ...`, complete enough to repeat the run
  readonly out: string // folder in which the caller saves the files
  readonly checkpoint: string // file for the state of an unfinished run; the caller removes it when all is saved
  readonly fresh: boolean // ignore an existing checkpoint
  readonly threads: number // at most; their number must not change the bytes of the result
  readonly progress: RunProgress
  /** True after SIGINT or SIGTERM: write a checkpoint if possible and return undefined. Signals arrive during `pause`. */
  readonly interrupted: () => boolean
  /** Lets the event loop handle signals and timers if the last time was over 50 ms ago: cheap enough for an inner loop. */
  readonly pause: () => Promise<void>
}

/** Figures of one epoch, for the curves. */
export interface EpochFigures {
  readonly epoch: number // from 1
  readonly training: { readonly loss: number; readonly accuracy: number }
  readonly validation: { readonly loss: number; readonly accuracy: number }
  readonly best: boolean // lowest validation loss so far
}

export interface RunResult {
  readonly card: Card // the caller adds the training time and writes it
  readonly files: Readonly<Record<string, string | Uint8Array>> // by name: the weights file and all others except the card
  readonly seconds: number // of training, including those before an interruption
  readonly evaluation: Evaluation // of the saved model on TrainingData.test
  readonly history?: readonly EpochFigures[] // of a model trained in epochs
}

/** Trains a model; undefined when interrupted. The same spec, recipe and data give the same bytes of the weights file. */
export type Trainer<Spec, Recipe> = (
  spec: Spec,
  recipe: Recipe,
  data: TrainingData,
  context: RunContext,
) => Promise<RunResult | undefined>
