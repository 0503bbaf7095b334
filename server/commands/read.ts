/** `inkling read FILE...`: the numbers in pictures and in files of pen strokes, read as by the server. */

import { Command } from 'commander'
import { messageOf } from '../../core/errors.ts'
import { sureOf } from '../../core/models/verdict.ts'
import type { DigitDrawing } from '../../core/numbers/pieces.ts'
import { type ReadDigit, readAtOnce } from '../../core/numbers/read.ts'
import { textOf, verdictOn } from '../../core/numbers/response.ts'
import { decodeAtOnce, PICTURE_LIMIT } from '../../core/picture.ts'
import { Recognizer } from '../../core/recognizer.ts'
import { nodeBackends } from '../backend.ts'
import { DEFAULT_MODELS } from '../config.ts'
import { namingFile } from '../dataset/errors.ts'
import { inflate } from '../files/inflate.ts'
import { readInput, readWhole } from '../files/input.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { readStrokesBody } from '../http/bodies/drawing.ts'
import { ModelFolder } from '../models/folder.ts'
import { asPercent } from '../report/percent.ts'

interface ReadOptions {
  model?: string
  models: string
  json?: boolean
}

export function readCommand(): Command {
  return new Command('read')
    .description('Read handwritten numbers in files with one number each, digit by digit.')
    .argument('<files...>', 'PNG or JPEG, or JSON {"strokes": [[[x, y], ...], ...]}; - for standard input')
    .option('--model <id>', 'which model answers (default: the default model)')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--json', 'print the text, and of each digit its box, answer and probabilities, as one JSON object a file')
    .addHelpText('after', NOTES)
    .action(read)
}

const NOTES = `
Lines of digits are read from top to bottom, and printed one by one. The probability is that of the least likely digit. After it,
"unsure" or "not a number" says that one of the digits is perhaps or probably none. A file that cannot be read is said on standard error, and the
others go on. Exit codes: 0 done, 1 something could not be read, 2 wrong use.`

async function read(files: readonly string[], { model, models, json }: ReadOptions): Promise<void> {
  if (files.filter((file) => file === '-').length > 1) {
    throw Object.assign(new Error('read: - is standard input, which can be read once'), { exitCode: 2 })
  }
  const warn = (problem: string): void => console.error(`inkling: ${problem}`)
  const zoo = new ModelFolder(models, () => performance.now(), warn)
  const backend = await nodeBackends()
  const recognizer = new Recognizer(backend, zoo, { preferred: DEFAULT_MODELS[backend.name] })
  const card = recognizer.load(model) // before any file is read
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file
    try {
      await readInput(file, async (_, chunks) => {
        const drawing = decode(await readWhole(chunks, PICTURE_LIMIT))
        const digits = readAtOnce(drawing, (input) => recognizer.recognize(input, model), sureOf(card))
        const named = files.length > 1 ? name : undefined
        console.log(json ? jsonLine(digits, named) : sentence(digits, named))
      })
    } catch (error) {
      warn(failureText(error, name))
      process.exitCode = 1
    }
  }
}

function decode(bytes: Uint8Array): DigitDrawing {
  const first = bytes.find((byte) => byte > 0x20)
  return first === 0x7b ? { strokes: readStrokesBody(bytes) } : { raster: decodeAtOnce(bytes, inflate) }
}

function jsonLine(digits: readonly ReadDigit[], file: string | undefined): string {
  const [{ answer }] = digits
  return JSON.stringify({
    ...(file !== undefined && { file }),
    model: answer.model,
    version: answer.version,
    text: textOf(digits),
    verdict: verdictOn(digits),
    digits: digits.map(({ answer: { model: _, version: __, ...rest }, line, box }) => ({ ...rest, line, box })),
  })
}

// the number, and the least probability of its digits
function sentence(digits: readonly ReadDigit[], file: string | undefined): string {
  const least = Math.min(...digits.map(({ answer }) => answer.confidence))
  const verdict = verdictOn(digits)
  const words = verdict === 'number' ? [] : [verdict === 'unsure' ? 'unsure' : 'not a number']
  return [textOf(digits), asPercent(least, 1), ...words, ...(file === undefined ? [] : [file])].join('  ')
}

function failureText(error: unknown, name: string): string {
  if ((error as NodeJS.ErrnoException).code === 'EISDIR') {
    return `cannot_read: ${name} is a folder: name the files in it`
  }
  const named = namingFile(error, name)
  return named === error ? `${name}: ${messageOf(error)}` : messageOf(named)
}
