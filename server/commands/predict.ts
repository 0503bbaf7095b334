/** `inkling predict FILE.png`: the digit in a picture, recognised as by the server. */

import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { decodeAtOnce } from '../../core/picture.ts'
import { MAX_SAMPLES, type Recognition, Recognizer } from '../../core/recognizer.ts'
import { nodeBackends } from '../backend.ts'
import { DEFAULT_MODELS } from '../config.ts'
import { inflate } from '../files/inflate.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { ModelFolder } from '../models/folder.ts'
import { asPercent } from '../report/percent.ts'

interface PredictOptions {
  model?: string
  models: string
  samples?: number
  json?: boolean
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('Recognise the handwritten digit in a PNG file.')
    .argument('<file>', 'PNG file, or - for standard input')
    .option('--model <id>', 'which model answers (default: the default model)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option(
      '--samples <number>',
      `passes with dropout to average, 1 to ${MAX_SAMPLES} (default: one pass without)`,
      parseSamples,
    )
    .option('--json', 'print the answer, probabilities and the 28x28 bytes that the model saw as JSON')
    .action(async (file: string, options: PredictOptions) => {
      const png = readFileSync(file === '-' ? 0 : file)
      const zoo = new ModelFolder(
        options.models,
        () => performance.now(),
        (problem) => console.error(`inkling: ${problem}`),
      )
      const backend = await nodeBackends()
      const recognizer = new Recognizer(backend, zoo, { preferred: DEFAULT_MODELS[backend.name] })
      const { input, sampling } = recognizer.recognizeDrawing(() => decodeAtOnce(png, inflate), options)
      const answer = sampling.result()
      if (options.json) console.log(JSON.stringify({ ...answer, input: [...input] }))
      else console.log(sentence(answer))
    })
}

// the digit, its probability and, with samples, their standard deviation
function sentence({ digit, confidence, spread }: Recognition): string {
  return `${digit}  ${asPercent(confidence, 1)}${spread ? `  +- ${asPercent(spread[digit], 1)}` : ''}`
}

function parseSamples(text: string): number {
  const samples = Number(text)
  if (/^\d+$/.test(text) && samples >= 1 && samples <= MAX_SAMPLES) return samples
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_SAMPLES} expected.`)
}
