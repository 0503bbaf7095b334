/**
 * Makes k nearest neighbours of all training images from the data sets on this machine. All arithmetic is in integers, so that
 * the same data give the same bytes everywhere, and a card that is shipped with the program has their accuracy.
 */

import type { Backend, BackendFactory } from '../../core/backend/backend.ts'
import { CLASSES } from '../../core/data/dataset.ts'
import type { NeighboursCard, Vote } from '../../core/models/card.ts'
import { evaluateModel, type LabelledImages, labelledClasses } from '../../core/models/evaluation.ts'
import type { Model } from '../../core/models/model.ts'
import {
  createDescriber,
  FEATURES,
  neighboursMemory,
  neighboursModel,
  neighboursTensors,
} from '../../core/models/neighbours.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { loadDigits } from '../dataset/digits.ts'
import { sha256 } from '../files/sha256.ts'
import { cardBase, WEIGHTS_FILE } from '../models/card.ts'
import { readCard } from '../models/load.ts'
import { loadTrainingData } from '../training/data.ts'
import type { TrainingData } from '../training/run.ts'
import { knownReferences, REFERENCES_KIND } from './references.ts'

/** How the images vote, chosen on validation images of MNIST and pendigits. */
const VOTE: Vote = { k: 15, power: 8, smoothing: 0.001 }

const DESCRIBER_MEMORY = 8192 // bytes

/**
 * Makes the model. If its bytes are known, it gets the known card; else it is measured, which takes as long as 13,500
 * predictions.
 * @param shipped folder of the model it replaces
 * @param names training sets, in order
 * @returns the files of its folder
 * @throws DataFileError as loadDigits
 */
export async function makeReferences(
  backends: BackendFactory,
  shipped: string,
  names: readonly string[],
  dataDir: string,
  note: (line: string) => void,
): Promise<{ readonly card: NeighboursCard; readonly files: Readonly<Record<string, string | Uint8Array>> }> {
  const { id, name, recipe } = readCard(shipped)
  const { images } = await loadDigits(names, 'train', dataDir)
  const made = describeImages(backends.create(DESCRIBER_MEMORY), images)
  const classes = labelledClasses(images)
  const { neighbours } = voters(made, classes)
  const weights = encodeTensors(neighboursTensors({ neighbours }), made)
  const digest = sha256(weights)
  let card = knownReferences(shipped).find((known) => known.weights.sha256 === digest)
  if (!card) {
    note('measuring, for the outcome is not a known one')
    const data = await loadTrainingData(names, Number(recipe.validation), Number(recipe.seed), dataDir, note)
    const described = (set: LabelledImages) => describeImages(backends.create(DESCRIBER_MEMORY), set)
    const measured = {
      ...measure(place(backends, made, classes), data, classes),
      // images are not compared with themselves
      validation: evaluateModel(place(backends, described(data.training), classes), data.validation),
    }
    const base = cardBase({ id, name, kind: REFERENCES_KIND }, data, {
      ...measured,
      parameters: neighbours.references * FEATURES,
      weights,
    })
    const command = `inkling references --data ${names.join()}`
    card = { ...base, type: 'neighbours', neighbours, recipe: { command, ...VOTE, data: names.join() } }
  }
  return { card, files: { 'card.json': `${JSON.stringify(card, null, 2)}\n`, [WEIGHTS_FILE]: weights } }
}

function voters(bytes: Uint8Array, classes: number) {
  const references = bytes.length / (FEATURES + 1)
  return { neighbours: { ...VOTE, references, ...(classes > CLASSES && { classes }) } }
}

function place(backends: BackendFactory, bytes: Uint8Array, classes: number): Model {
  const card = voters(bytes, classes)
  return neighboursModel(backends.create(neighboursMemory(card)), card, bytes)
}

function measure(model: Model, { test, drawings, others = [] }: TrainingData, classes: number) {
  return {
    test: evaluateModel(model, test),
    drawings: drawings && evaluateModel(model, drawings),
    ...(classes > CLASSES && { others: others.map(({ images }) => evaluateModel(model, images)) }),
  }
}

/** The bytes of the model's tensors with these images as references, in order. Refused images are left out. */
export function describeImages(backend: Backend, { images, labels, count, refused = [] }: LabelledImages): Uint8Array {
  const describer = createDescriber(backend)
  const left = new Set(refused)
  const kept = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => !left.has(i))
  const bytes = new Uint8Array(kept.length * (FEATURES + 1))
  for (const [r, i] of kept.entries()) {
    bytes.set(describer.describe(images.subarray(i * 784, (i + 1) * 784)), r * FEATURES)
    bytes[kept.length * FEATURES + r] = labels[i]
  }
  return bytes
}
