/** The shape of a model card: every field that ../models/card.ts types, those that may be missing too, with its range. */

import { CLASSES, OUTPUTS } from '../data/dataset.ts'
import { MODEL_ID } from '../protocol.ts'
import { either, list, named, number, object, oneOf, text, type ValueCheck, whole } from './fields.ts'

/** Characters of a name, and of a sentence. */
const [NAME, SENTENCE] = [200, 2000]

/** Largest count of anything. */
const MANY = 1_000_000_000

/** Data sets, of training or of what is no digit, and files of one. */
const SETS = 64

const share = number(0, 1)
const count = whole(0, MANY)
const some = whole(1, MANY)
const amount = whole(1, 100_000_000)
const finite = number()
const name = text(NAME)
const sentence = text(SENTENCE)
const digest = text(64, /^[0-9a-f]{64}$/, '64 hexadecimal digits')
const classes = oneOf(CLASSES, OUTPUTS)
const recalls = list(share, CLASSES, CLASSES)
const perClass: ValueCheck = (value, field) => {
  if (!(Array.isArray(value) && value.length === 0)) recalls(value, field) // none where nothing was measured
}

const data = object({}, { name, source: sentence, files: named(text(SENTENCE), SETS) })
const measured = { standardError: share, images: count, loss: number(0), data }

const score = object({ accuracy: share }, { perClass, digitsKept: share, othersTurnedAway: share })
const gate = object(
  { shipped: score, candidate: score },
  {
    set: name,
    images: count,
    limits: object({}, { overall: finite, worstClass: finite, digits: finite, others: finite }),
    passed: oneOf(true, false),
    reason: sentence,
  },
)

const networkRecipe = object(
  {},
  {
    command: sentence,
    bestEpoch: count,
    temperature: number(0),
    otherBias: finite,
    seed: whole(0, 0xffff_ffff),
    data: list(name, 0, SETS),
    loss: oneOf('crossentropy', 'squared'),
    optimizer: oneOf('sgd', 'adam', 'adadelta'),
    rate: finite,
    momentum: finite,
    decay: finite,
    schedule: oneOf('constant', 'linear', 'cosine', 'step'),
    warmup: finite,
    clip: finite,
    batch: some,
    shards: some,
    epochs: count,
    patience: count,
    validation: count,
    augment: named(finite, SETS),
    bits: oneOf(8, 32),
    tune: count,
    tuned: object({ bestEpoch: count }, { temperature: number(0), otherBias: finite }),
  },
)
const flatRecipe = named(either(finite, sentence, `a number, or a text of at most ${SENTENCE} characters`), SETS)

/** The fields of each type of model; the layers of a network are checked by `parseLayers`. */
const TYPES: Readonly<Record<string, readonly [required: Readonly<Record<string, ValueCheck>>, recipe: ValueCheck]>> = {
  network: [{ layers: list(object({}), 1, 64) }, networkRecipe],
  neighbours: [
    {
      // below 1e-6 a class without votes would get a subnormal probability
      neighbours: object(
        { k: whole(1, 1000), references: amount, power: whole(0, 32), smoothing: number(1e-6, 1000) },
        { classes },
      ),
    },
    flatRecipe,
  ],
  forest: [
    { forest: object({ trees: amount, splits: amount, leaves: amount, power: whole(1, 32) }, { classes }) },
    flatRecipe,
  ],
  boosted: [
    {
      boosted: object({ trees: amount, splits: amount, classes, sharpness: number(0.01, 100) }, { otherBias: finite }),
    },
    flatRecipe,
  ],
}

const base = object(
  {
    format: oneOf(1),
    id: text(63, MODEL_ID, 'lower-case letters, digits and dashes'),
    name,
    kind: name,
    licence: sentence,
    version: some,
    parameters: some,
    preprocess: some,
    weights: object({ file: text(64, /^(?!\.+$)[\w.-]{1,64}$/, 'a file name'), bytes: count, sha256: digest }),
    test: object({ accuracy: share }, { ...measured, perClass }),
    type: oneOf(...Object.keys(TYPES)),
  },
  {
    drawings: object({ accuracy: share }, measured),
    validation: object({ accuracy: share }, measured),
    verdict: object(
      { sure: share },
      {
        turnedAway: object({}, { validation: share, test: share, drawings: share }),
        others: list(object({}, { images: count, turnedAway: share, confident: share, data }), 0, SETS),
      },
    ),
    training: list(data, 0, SETS),
    trainingTime: object({}, { seconds: number(0), machine: name }),
    learned: object({}, { parent: some, round: count, shipped: digest, share, gate }),
  },
)

/** Checks a whole card but for its layers. Throws FieldError. */
export function checkCardShape(card: unknown): void {
  base(card, '')
  const [required, recipe] = TYPES[(card as { type: string }).type]
  object(required, { recipe })(card, '')
}
