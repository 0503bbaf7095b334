/** `inkling predict FILE.png`: the digit in a picture, through the same path as the server's. */

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { decodePng } from '../../core/png.ts'
import { preprocess } from '../../core/preprocess.ts'
import { Recognizer, recognizerMemory } from '../../core/recognizer.ts'
import { nodeBackend } from '../backend.ts'
import { inflate } from '../inflate.ts'
import { loadModels, SHIPPED_MODELS } from '../models.ts'

interface PredictOptions {
  model?: string
  models: string
  json?: boolean
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('Recognise the handwritten digit in a PNG file.')
    .argument('<file>', 'PNG file, or - for standard input')
    .option('--model <id>', 'which model answers (default: the default model)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--json', 'print answer, probabilities and the 28x28 bytes the model saw as JSON')
    .action(async (file: string, options: PredictOptions) => {
      const input = preprocess(decodePng(readFileSync(file === '-' ? 0 : file), inflate))
      const models = loadModels(options.models, (problem) => console.error(`inkling: ${problem}`))
      const recognizer = new Recognizer(await nodeBackend(recognizerMemory(models.map(({ card }) => card))))
      for (const { card, parameters } of models) recognizer.add(card, parameters)
      const answer = recognizer.recognize(input, options.model)
      if (options.json) console.log(JSON.stringify({ ...answer, input: [...input] }))
      else console.log(`${answer.digit}  ${(answer.confidence * 100).toFixed(1)} %`)
    })
}
