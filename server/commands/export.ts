/** `inkling export MODEL`: writes its weights in a format that other programs read, as one file or one per tensor. */

import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { writeWhole } from '../files/durable.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { sha256 } from '../files/sha256.ts'
import { EXPORT_FORMATS, type ExportedFile, type ExportFormat, exportModel, exportTensors } from '../models/export.ts'
import { loadModel, modelFolder } from '../models/load.ts'

interface ExportOptions {
  format: ExportFormat
  out?: string
  tensor?: string
  models: string
  json?: boolean
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Write the weights of a model for other programs. Every format gives back the same bits.')
    .argument('<model>', 'a model, or the path of its folder')
    .addOption(new Option('--format <name>', 'of the files').choices(EXPORT_FORMATS).default(EXPORT_FORMATS[0]))
    .option('--out <path>', 'file or folder to write, or - for standard output (default: named after the model)')
    .option('--tensor <name>', 'csv and npy: only this tensor')
    .option('--models <folder>', 'where models are', SHIPPED_MODELS)
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', '\ncsv and npy are one file per tensor, in a folder; npz and f32 hold the whole model.')
    .action(exportWeights)
}

async function exportWeights(name: string, options: ExportOptions): Promise<void> {
  const { format, tensor, out } = options
  const { card, data, bytes } = loadModel(modelFolder(name, options.models))
  const perTensor = format === 'csv' || format === 'npy'
  if (tensor !== undefined && !perTensor) throw wrongUse(`--tensor goes with csv and npy, not with ${format}`)

  let files: readonly ExportedFile[]
  if (perTensor) {
    files = exportTensors(card, data, format)
    const names = files.map(({ filename }) => filename.slice(0, -format.length - 1))
    if (tensor !== undefined) files = files.filter((_, i) => names[i] === tensor)
    if (files.length === 0) throw wrongUse(`${card.id} has no tensor ${tensor}; it has: ${names.join(', ')}`)
  } else {
    const file = exportModel(card, data, format)
    files = [format === 'safetensors' ? { ...file, bytes } : file] // the stored file, with its digest
  }

  if (out === '-') return print(files, format)
  const written = write(files, out, files.length > 1 ? `${card.id}-${format}` : undefined, card.id)
  if (options.json)
    console.log(JSON.stringify({ model: card.id, version: card.version, format, files: written }, null, 2))
  else for (const { path, bytes, sha256 } of written) console.error(`${sha256}  ${path}  ${bytes} bytes`)
}

function print(files: readonly ExportedFile[], format: ExportFormat): void {
  if (files.length > 1) {
    throw wrongUse(`${files.length} files don't go to standard output: choose one with --tensor, or another format`)
  }
  if (process.stdout.isTTY && format !== 'csv')
    throw wrongUse(`${format} cannot be shown on a terminal: name a file with --out`)
  process.stdout.write(files[0].bytes)
}

// Several files go into a new folder; a single file goes to the path given, or into the folder of that path.
function write(files: readonly ExportedFile[], out: string | undefined, folder: string | undefined, id: string) {
  const path = out ?? folder
  if (folder !== undefined) mkdirSync(path as string, { recursive: true })
  const into = path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory()
  return files.map(({ filename, bytes }) => {
    const own = filename.startsWith(`${id}.`) || folder !== undefined ? filename : `${id}.${filename}`
    const target = into ? join(path, own) : (path ?? own)
    writeWhole(target, bytes)
    return { path: target, bytes: bytes.length, sha256: sha256(bytes) }
  })
}

function wrongUse(message: string): Error {
  return Object.assign(new Error(message), { exitCode: 2 })
}
