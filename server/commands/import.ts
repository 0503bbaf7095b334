/** `inkling import FILE --as ID`: makes a model of weights from another program, after checking and measuring them. */

import { basename, join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { ALL_MODELS, MODEL_ID } from '../../core/protocol.ts'
import { nodeBackends } from '../backend.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { sha256 } from '../files/sha256.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../models/export.ts'
import { formatOf, importEither } from '../models/import.ts'
import { digitsOnly, type Imported, importedCard, measureModel, selfTestedModel } from '../models/imported-card.ts'
import { modelFolder, readCard } from '../models/load.ts'
import { saveModel } from '../models/save.ts'
import { asPercent } from '../report/percent.ts'

const DRAWINGS = 'pendigits'

interface ImportOptions {
  as: string
  like?: string
  format?: ExportFormat
  name?: string
  licence: string
  models: string
  data: string
  dataDir?: string
  json?: boolean
}

export function importCommand(): Command {
  return new Command('import')
    .description('Make a model of weights from another program. What is there under that name is replaced.')
    .argument('<file>', 'weights file; folder of .csv or .npy files named after the tensors; - for standard input')
    .requiredOption('--as <id>', 'name of the new model', modelId)
    .option('--like <model>', 'a model of the same layers, or the path of its folder (default: the one of that name)')
    .addOption(new Option('--format <name>', 'of the file (default: by its name)').choices(EXPORT_FORMATS))
    .option('--name <text>', 'for people')
    .option('--licence <text>', 'of the weights', 'unknown')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--data <name|path>', 'data set to measure on, where it is there', 'mnist')
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--json', 'print the card on standard output')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong use, 3 the file is there but refused.')
    .action(importWeights)
}

async function importWeights(file: string, options: ImportOptions): Promise<void> {
  const { as: id, like: likeName = id, models } = options
  const format = options.format ?? formatFor(file)
  // weights of the time when models knew digits only have a smaller last layer
  const named = readCard(modelFolder(likeName, models))
  const cards = [named, digitsOnly(named)].filter((card) => card !== undefined)
  const { which, data } = await importEither(file, format, cards.map(modelTensors))
  const like = cards[which]
  const tensors = modelTensors(like)
  const model = selfTestedModel(await nodeBackends(), like, data)

  const weights = encodeTensors(tensors, data)
  const source = file === '-' ? `- --format ${format}` : basename(file)
  const imported: Omit<Imported, 'test' | 'drawings'> = {
    id,
    name: options.name ?? (id === like.id ? like.name : `${like.name} (${id})`),
    version: versionAfter(join(models, id)),
    licence: options.licence,
    command: `inkling import ${source} --as ${id} --like ${like.id}`,
    weights,
  }
  const known = sha256(weights) === like.weights.sha256
  if (!known) console.error(`measuring on ${options.data}, where it is there`)
  const dataDir = options.dataDir ?? dataDirectory()
  const test = known ? undefined : await measureModel(model, options.data, dataDir)
  const drawings = known ? undefined : await measureModel(model, DRAWINGS, dataDir)
  const card = importedCard(like, { ...imported, test, drawings })
  saveModel(join(models, id), { [card.weights.file]: weights, 'card.json': `${JSON.stringify(card, null, 2)}\n` })
  console.error(summary(card))
  if (options.json) console.log(JSON.stringify(card))
}

function formatFor(file: string): ExportFormat {
  const format = file === '-' ? undefined : formatOf(file)
  if (format) return format
  throw Object.assign(new Error(`the file's name says no format: --format takes one of ${EXPORT_FORMATS.join(', ')}`), {
    exitCode: 2,
  })
}

// One more than that of the model that will be replaced.
function versionAfter(folder: string): number {
  try {
    return readCard(folder).version + 1
  } catch {
    return 1 // there is none, or its card cannot be read
  }
}

function summary({ id, version, test, weights }: Card): string {
  const accuracy = test.images > 0 ? `${asPercent(test.accuracy)} on ${test.images} test images` : 'not measured'
  return `${id} version ${version}: ${accuracy}, SHA-256 ${weights.sha256}`
}

function modelId(text: string): string {
  if (MODEL_ID.test(text) && text !== ALL_MODELS) return text
  throw new InvalidArgumentError('lower-case letters, digits and dashes expected, and not the word all.')
}
