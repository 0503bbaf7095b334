/** `inkling evaluate [MODEL]`: a stored model on a test set, every image through the product's own path. */

import { Command } from 'commander'
import { type Evaluation, evaluate, lossBuffers, lossMemory } from '../../core/evaluation.ts'
import { createNetwork, networkMemory } from '../../core/models/network.ts'
import { nodeBackend } from '../backend.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { loadDataset } from '../dataset/load.ts'
import { preprocessDataset } from '../digits.ts'
import { loadModels, SHIPPED_MODELS } from '../models.ts'

const BATCH = 100 // images

interface EvaluateOptions {
  data: string
  dataDir?: string
  models: string
  json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Measure a model on a test set: accuracy with its standard error, loss, and per class.')
    .argument('[model]', 'which model', 'softmax')
    .option('--data <name|path>', 'data set: a name below the data directory, or a path', 'mnist')
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--json', 'print the figures as JSON')
    .action(async (model: string, options: EvaluateOptions) => {
      const models = loadModels(options.models, (problem) => console.error(`inkling: ${problem}`))
      const found = models.find(({ card }) => card.id === model)
      if (!found) throw new Error(`no model ${model}; there are: ${models.map(({ card }) => card.id).join(', ')}`)
      const { card, parameters } = found
      const { dataset } = await loadDataset(options.data, 'test', options.dataDir ?? dataDirectory())
      const backend = await nodeBackend(networkMemory(card.layers, BATCH, false) + lossMemory(BATCH))
      const network = createNetwork(backend, card.layers, BATCH, false)
      network.parameters.set(parameters)
      const figures = evaluate(backend, network, lossBuffers(backend, BATCH), preprocessDataset(dataset))
      console.log(options.json ? JSON.stringify({ model, data: options.data, ...figures }) : table(card.name, figures))
    })
}

function table(name: string, { images, accuracy, standardError, loss, perClass, confusion }: Evaluation): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`.padStart(8)
  const refused = confusion.reduce((sum, row) => sum + row[row.length - 1], 0)
  return [
    `${name} on ${images} images`,
    `accuracy  ${percent(accuracy)}  (standard error ${percent(standardError).trim()})`,
    `loss      ${loss.toFixed(4)}`,
    ...(refused ? [`refused   ${refused} images that hold no digit, counted as errors`] : []),
    '',
    `digit   recall  answers 0 to 9`,
    ...perClass.map(
      (recall, digit) =>
        `${digit}     ${percent(recall)}  ${confusion[digit]
          .slice(0, 10)
          .map((count) => String(count).padStart(5))
          .join('')}`,
    ),
  ].join('\n')
}
