/** `inkling predict FILE...`: the digits in pictures and in rows of pixels, recognised as by the server. */

import { Command, InvalidArgumentError } from 'commander'
import { SIDE } from '../../core/data/dataset.ts'
import { messageOf } from '../../core/errors.ts'
import { hasDropout } from '../../core/models/create-model.ts'
import { MAX_SAMPLES } from '../../core/models/passes.ts'
import { decodeAtOnce, PICTURE_LIMIT } from '../../core/picture.ts'
import { type Recognition, Recognizer } from '../../core/recognizer.ts'
import { nodeBackends } from '../backend.ts'
import { DEFAULT_MODELS } from '../config.ts'
import { namingFile } from '../dataset/errors.ts'
import { type RowFormat, readLabelsBeside, readRows, rowFormat, uprightRows } from '../dataset/row-stream.ts'
import { inflate } from '../files/inflate.ts'
import { readInput, readWhole } from '../files/input.ts'
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
    .description('Recognise handwritten digits in files: pictures with one digit each, or rows of 784 pixels.')
    .argument('<files...>', 'PNG or JPEG; CSV or IDX, also packed with gzip; - for standard input')
    .option('--model <id>', 'which model answers (default: the default model)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option(
      '--samples <number>',
      `passes with dropout to average, 1 to ${MAX_SAMPLES} (default: one pass without)`,
      parseSamples,
    )
    .option(
      '--json',
      'print the answer, probabilities and the 28x28 bytes that the model saw as JSON, one object a picture; without the bytes one a row',
    )
    .addHelpText('after', NOTES)
    .action(predict)
}

const NOTES = `
After the digit and its probability, "unsure" or "not a digit" says that the drawing is perhaps or probably none.
A row has 784 pixels, 0 to 255 or 0 to 1, and may have a label before them; a header is not needed. Rows come one by one, however
large the file is. With labels, the last line says how many were right. The labels of IDX images are in the file beside them.
A file that cannot be read, and a row without a digit, is said on standard error, and the others go on.
Exit codes: 0 done, 1 something could not be recognised, 2 wrong use.`

async function predict(files: readonly string[], options: PredictOptions): Promise<void> {
  if (files.filter((file) => file === '-').length > 1) {
    throw Object.assign(new Error('predict: - is standard input, which can be read once'), { exitCode: 2 })
  }
  const recognizer = await openModels(options)
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file
    const output = createOutput(files.length > 1 ? name : undefined, options)
    const recognize = (decode: Parameters<Recognizer['recognizeDrawing']>[0]) => {
      const { input, sampling } = recognizer.recognizeDrawing(decode, options)
      return { input, answer: sampling.result() }
    }
    const fail = (error: unknown, row?: number) => {
      console.error(`inkling: ${failureText(error, name, row)}`)
      process.exitCode = 1
    }

    const predictRows = async (chunks: AsyncIterable<Uint8Array>, format: RowFormat) => {
      const labels = format === 'idx' && file !== '-' ? await readLabelsBeside(file) : undefined
      let [count, labelled, right] = [0, 0, 0]
      for await (const { number, label, pixels } of uprightRows(readRows(chunks, format, labels))) {
        count++
        if (label !== undefined) labelled++
        try {
          const { answer } = recognize(() => ({ width: SIDE, height: SIDE, channels: 1, data: pixels }))
          if (answer.digit === label) right++
          output.row(number, label, answer)
        } catch (error) {
          fail(error, number)
        }
      }
      if (labelled > 0) output.total(count, right)
    }

    try {
      await readInput(file, async (head, chunks) => {
        const format = rowFormat(head, file)
        if (format) return predictRows(chunks, format)
        const picture = await readWhole(chunks, PICTURE_LIMIT)
        const { input, answer } = recognize(() => decodeAtOnce(picture, inflate))
        output.picture(input, answer)
      })
    } catch (error) {
      fail(error)
    }
  }
}

// The model that answers is loaded before any file is read.
async function openModels({ model, models, samples }: PredictOptions): Promise<Recognizer> {
  const warn = (problem: string): void => console.error(`inkling: ${problem}`)
  const zoo = new ModelFolder(models, () => performance.now(), warn)
  const backend = await nodeBackends()
  const recognizer = new Recognizer(backend, zoo, { preferred: DEFAULT_MODELS[backend.name] })
  const card = recognizer.load(model)
  if (samples !== undefined && !hasDropout(card))
    throw new Error(`model ${card.id} has no dropout to take samples with`)
  return recognizer
}

/** @param name of the file, where there are several */
function createOutput(name: string | undefined, { json }: PredictOptions) {
  const print = (object: object): void =>
    console.log(JSON.stringify(name === undefined ? object : { file: name, ...object }))
  return {
    picture(input: Uint8Array, answer: Recognition): void {
      if (json) print({ ...answer, input: [...input] })
      else console.log(name === undefined ? sentence(answer) : `${sentence(answer)}  ${name}`)
    },
    row(row: number, label: number | undefined, answer: Recognition): void {
      const place = name === undefined ? `row ${row}` : `${name}, row ${row}`
      const judgement = label === undefined || label === answer.digit ? '' : `, wrong: label ${label}`
      if (json) print({ row, ...(label !== undefined && { label }), ...answer })
      else console.log(`${sentence(answer)}  ${place}${judgement}`)
    },
    total(rows: number, right: number): void {
      const count = `right: ${right} of ${rows}, ${asPercent(right / rows)}`
      if (json) print({ rows, right })
      else console.log(name === undefined ? count : `${count}  ${name}`)
    },
  }
}

// the digit, its probability, with samples their standard deviation, and the verdict where it is no clear digit
function sentence({ digit, confidence, spread, verdict }: Recognition): string {
  const words = verdict === 'digit' ? [] : [verdict === 'unsure' ? 'unsure' : 'not a digit']
  return [digit, asPercent(confidence, 1), ...(spread ? [`+- ${asPercent(spread[digit], 1)}`] : []), ...words].join(
    '  ',
  )
}

function failureText(error: unknown, name: string, row?: number): string {
  const place = row === undefined ? name : `${name}, row ${row}`
  if ((error as NodeJS.ErrnoException).code === 'EISDIR')
    return `cannot_read: ${name} is a folder: name the files in it`
  const named = namingFile(error, name)
  return named === error ? `${place}: ${messageOf(error)}` : messageOf(named)
}

function parseSamples(text: string): number {
  const samples = Number(text)
  if (/^\d+$/.test(text) && samples >= 1 && samples <= MAX_SAMPLES) return samples
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_SAMPLES} expected.`)
}
