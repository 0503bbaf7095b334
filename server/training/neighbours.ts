/** Trains k nearest neighbours: learns prototypes that represent the training images, and keeps those of the best epoch. */

import { CLASSES } from '../../core/data/dataset.ts'
import type { NeighboursCard, Vote } from '../../core/models/card.ts'
import { evaluateModel, labelledClasses } from '../../core/models/evaluation.ts'
import { FEATURES, neighboursMemory, neighboursModel, neighboursTensors } from '../../core/models/neighbours.ts'
import type { Augmentation, FlatRecipe } from '../../core/models/recipe.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import type { NeighboursSpec } from '../../core/models/spec.ts'
import {
  createPrototypes,
  type PrototypeRecipe,
  type PrototypeState,
  prototypeMemory,
} from '../../core/training/prototypes.ts'
import { nodeBackends } from '../backend.ts'
import { cardBase, WEIGHTS_FILE } from '../models/card.ts'
import { readCheckpoint, runIdentity, writeCheckpoint } from './checkpoint.ts'
import { epochLine } from './progress.ts'
import type { EpochFigures, RunContext, RunResult, TrainingData } from './run.ts'

const AUGMENTATIONS = ['shift', 'rotate', 'scale', 'shear', 'elastic', 'thickness'] as const

/** The state in a checkpoint. */
interface SavedRun {
  readonly learning: PrototypeState
  readonly best: Float32Array // references of the best epoch so far, whole numbers
  readonly bestLoss: number
  readonly history: readonly EpochFigures[]
  readonly seconds: number // of learning so far
}

/**
 * Learns from a seeded start, or resumes from the checkpoint of this run.
 * @throws Error when an entry of the recipe is missing or is out of range, or the checkpoint is damaged or of another run
 */
export async function trainNeighbours(
  spec: NeighboursSpec,
  recipe: FlatRecipe,
  data: TrainingData,
  context: RunContext,
): Promise<RunResult | undefined> {
  const { checkpoint, progress } = context
  const run = runIdentity(spec, recipe, data)
  const saved = context.fresh ? undefined : readCheckpoint<SavedRun>(checkpoint, run)
  const settings = prototypeRecipe(recipe)
  const backends = await nodeBackends()
  const learning = createPrototypes(backends.create(prototypeMemory(settings)), settings, data.training)
  const classes = labelledClasses(data.training)
  const { references, labels } = learning
  const neighbours = { ...settings.vote, references: labels.length, ...(classes > CLASSES && { classes }) }
  const place = (values: Uint8Array) =>
    neighboursModel(backends.create(neighboursMemory({ neighbours })), { neighbours }, values)
  const bytes = () => joined(references, labels)

  const history: EpochFigures[] = [...(saved?.history ?? [])]
  const best = Float32Array.from(saved?.best ?? references)
  let bestLoss = saved?.bestLoss ?? Infinity
  if (saved) {
    learning.restore(saved.learning)
    progress.note(`resuming after epoch ${saved.learning.epoch}, image ${saved.learning.position}`)
  }
  progress.note(
    `training ${spec.id}: ${labels.length} prototypes for ${data.training.count} images, ${data.validation.count} held out, ` +
      `${settings.epochs} epochs, seed ${settings.seed}, backend ${backends.name}`,
  )
  const started = performance.now()
  const seconds = () => (saved?.seconds ?? 0) + (performance.now() - started) / 1000
  const save = () => {
    writeCheckpoint(checkpoint, run, { learning: learning.state(), best, bestLoss, history, seconds: seconds() })
  }
  while (learning.epoch < settings.epochs) {
    const report = learning.step()
    if (report) {
      const validation = evaluateModel(place(bytes()), data.validation)
      const isBest = validation.loss < bestLoss
      if (isBest) {
        best.set(references)
        bestLoss = validation.loss
      }
      const { loss, accuracy } = validation
      history.push({ epoch: learning.epoch, training: report, validation: { loss, accuracy }, best: isBest })
      progress.note(epochLine(history[history.length - 1], settings.epochs))
      if (learning.epoch < settings.epochs) save()
    }
    const { position } = learning
    if (position % 256 !== 0) continue
    progress.update('learning', learning.epoch * data.training.count + position, settings.epochs * data.training.count)
    await context.pause()
    if (context.interrupted() && learning.epoch < settings.epochs) {
      save()
      return undefined
    }
  }
  const took = seconds()
  references.set(best)
  const model = place(bytes())
  const weights = encodeTensors(neighboursTensors({ neighbours }), bytes())
  const test = evaluateModel(model, data.test)
  const measured = {
    parameters: references.length,
    weights,
    test,
    validation: evaluateModel(model, data.validation),
    drawings: data.drawings && evaluateModel(model, data.drawings),
    ...(classes > CLASSES && { others: (data.others ?? []).map(({ images }) => evaluateModel(model, images)) }),
  }
  const card: NeighboursCard = {
    ...cardBase(spec, data, measured),
    type: 'neighbours',
    neighbours,
    recipe: { command: context.command, ...recipe },
  }
  return { card, files: { [WEIGHTS_FILE]: weights }, evaluation: test, history, seconds: took }
}

/** References and their labels in the layout of the weights file. */
export function joined(references: Uint8Array, labels: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(labels.length * (FEATURES + 1))
  bytes.set(references)
  bytes.set(labels, references.length)
  return bytes
}

function prototypeRecipe(recipe: FlatRecipe): PrototypeRecipe & { readonly vote: Vote } {
  const entry = (name: string, low: number, high: number): number => {
    const value = recipe[name]
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      throw misuse(`${name} must be a number from ${low} to ${high}`)
    }
    return value
  }
  const whole = (name: string, low: number, high: number): number => {
    const value = entry(name, low, high)
    if (Number.isInteger(value)) return value
    throw misuse(`${name} must be a whole number`)
  }
  const augment: Augmentation = Object.fromEntries(AUGMENTATIONS.map((name) => [name, entry(name, 0, 1000)]))
  return {
    seed: recipe.seed,
    perClass: whole('perClass', 1, 6000),
    ...('others' in recipe && { others: whole('others', 1, 60_000) }),
    means: whole('means', 0, 1000),
    epochs: whole('epochs', 1, 100_000),
    rate: entry('rate', 1e-9, 1),
    sharpness: entry('sharpness', 0, 1e6),
    augment,
    vote: { k: whole('k', 1, 1000), power: whole('power', 0, 32), smoothing: entry('smoothing', 1e-6, 1000) },
  }
}

function misuse(sentence: string): Error {
  return Object.assign(new Error(sentence), { exitCode: 2 })
}
