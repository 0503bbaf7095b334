/**
 * What a training run of any kind of model is given and gives back. `inkling train` loads the data, calls the trainer
 * of the model's type (network, neighbours, forest), then saves the files and draws the report.
 */

import type { Card, DataSource } from '../../core/models/card.ts'
import type { Evaluation, LabelledImages } from '../../core/models/evaluation.ts'

/** Every image has been through `preprocess`; only `training` may be learned from, only `validation` chosen by. */
export interface TrainingData {
  readonly training: LabelledImages
  readonly validation: LabelledImages
  readonly test: LabelledImages // test part of the first data set
  readonly drawings?: LabelledImages // pendigits-test as a canvas would draw it, where it is on this machine
  readonly sources: readonly DataSource[] // of training and validation
  readonly testSource: DataSource
  readonly drawingsSource?: DataSource
}

/** Hears of a run while it goes on. */
export interface RunProgress {
  /** A line for people: how the run is set up, what a stage came to. */
  note(line: string): void
  /** Done of total in the stage under way; `text` is short, such as 'loss 0.0312'. Call it as often as you like. */
  update(stage: string, done: number, total: number, text?: string): void
}

export interface RunContext {
  readonly command: string // stands in the card: `inkling train ...`, whole enough to repeat the run
  readonly out: string // folder the caller will save the files in
  readonly checkpoint: string // file to keep the state of an unfinished run in; the caller removes it when all is saved
  readonly fresh: boolean // ignore a checkpoint that is there
  readonly threads: number // at most; must not change the bytes of the result
  readonly progress: RunProgress
  /** True once SIGINT or SIGTERM came: leave a checkpoint if you can, and return undefined. Await `breathe` to let it. */
  readonly interrupted: () => boolean
  /** Lets signals and timers in if the last time was over 50 ms ago: cheap enough for an inner loop. */
  readonly breathe: () => Promise<void>
}

/** Figures of one epoch, for the curves. */
export interface EpochFigures {
  readonly epoch: number // from 1
  readonly training: { readonly loss: number; readonly accuracy: number }
  readonly validation: { readonly loss: number; readonly accuracy: number }
  readonly best: boolean // lowest validation loss up to here
}

export interface RunResult {
  readonly card: Card // the caller adds the training time and writes it
  readonly files: Readonly<Record<string, string | Uint8Array>> // by name: the weights file and whatever else but the card
  readonly seconds: number // of training, those before an interruption included
  readonly evaluation: Evaluation // on TrainingData.test, by the model as saved
  readonly history?: readonly EpochFigures[] // of a model that is trained in epochs
}

/** A trainer; undefined when it was interrupted. Same spec, recipe and data give the same weights file, byte for byte. */
export type Trainer<Spec, Recipe> = (
  spec: Spec,
  recipe: Recipe,
  data: TrainingData,
  context: RunContext,
) => Promise<RunResult | undefined>
