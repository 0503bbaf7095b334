/** Weights from the formats of other programs: those that `export` writes, and others of the same shapes. */

import { readdirSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { csvToTensor } from '../../core/models/csv.ts'
import { WeightsError } from '../../core/models/errors.ts'
import { fromFloats } from '../../core/models/floats.ts'
import { npyToTensor } from '../../core/models/npy.ts'
import { decodeTensors, MAX_HEADER } from '../../core/models/safetensors.ts'
import { checkTrained, checkValues, joinTensors, type TensorArray, type TensorSpec } from '../../core/models/tensor.ts'
import type { ZipMember } from '../../core/models/zip.ts'
import { unzip } from '../files/unzip.ts'
import type { ExportFormat } from './export.ts'
import { readRegular } from './load.ts'

const [PER_VALUE, PER_TENSOR] = [48, 8192] // bytes of a file at most, in any format; a cell of CSV has at most 41

const EXTENSIONS: Readonly<Record<string, ExportFormat>> = {
  '.safetensors': 'safetensors',
  '.csv': 'csv',
  '.npy': 'npy',
  '.npz': 'npz',
  '.zip': 'npz',
  '.f32': 'f32',
  '.bin': 'f32',
}

/**
 * The format, by a file's name or the names of the files in a folder; undefined where they do not show it.
 * @throws errors of the file system where there is nothing at `path`
 */
export function formatOf(path: string): ExportFormat | undefined {
  if (!statSync(path).isDirectory()) return EXTENSIONS[extname(path).toLowerCase()]
  const holds = (format: ExportFormat) => readdirSync(path).some((name) => name.endsWith(`.${format}`))
  return (['npy', 'csv'] as const).find(holds)
}

/**
 * Reads the bytes of a model's tensors from a file or folder, with the checks of any weights file.
 * @param source path of a file, or of a folder of .csv or .npy files named after the tensors; - for standard input; or the bytes of a file
 * @param format of the file; npz stands for any zip archive of .npy or .csv files
 * @throws WeightsError; errors of the file system where there is nothing at `path`
 */
export async function importTensors(
  source: string | Uint8Array<ArrayBuffer>,
  format: ExportFormat,
  tensors: readonly TensorSpec[],
): Promise<Uint8Array<ArrayBuffer>> {
  const data = await readData(source, format, tensors, largestFile(tensors))
  checkValues(data, tensors)
  checkTrained(data, tensors)
  return data
}

/**
 * The same for a model whose tensors may be one of several.
 * @returns also which of them it has: the first that the file holds
 * @throws WeightsError: why it holds not the first of them
 */
export async function importEither(
  path: string,
  format: ExportFormat,
  alternatives: readonly (readonly TensorSpec[])[],
): Promise<{ readonly which: number; readonly data: Uint8Array<ArrayBuffer> }> {
  const limit = Math.max(...alternatives.map(largestFile))
  const source = path === '-' ? await readStream(process.stdin, limit) : path // a stream is read once
  let refusal: WeightsError | undefined
  for (const [which, tensors] of alternatives.entries()) {
    try {
      return { which, data: await importTensors(source, format, tensors) }
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

function largestFile(tensors: readonly TensorSpec[]): number {
  const values = tensors.reduce((sum, { length }) => sum + length, 0)
  return MAX_HEADER + PER_TENSOR * (tensors.length + 1) + PER_VALUE * values
}

async function readData(
  source: string | Uint8Array<ArrayBuffer>,
  format: ExportFormat,
  tensors: readonly TensorSpec[],
  limit: number,
) {
  const path = typeof source === 'string' && source !== '-' ? source : undefined
  if (path !== undefined && statSync(path).isDirectory() && (format === 'csv' || format === 'npy')) {
    return joinTensors(fromMembers(readFolder(path, format, limit), tensors))
  }
  const file =
    path !== undefined
      ? readRegular(path, limit, 'the file')
      : typeof source === 'string'
        ? await readStream(process.stdin, limit)
        : source
  switch (format) {
    case 'safetensors':
      return decodeTensors(file, tensors)
    case 'f32':
      return joinTensors(fromFloats(file, tensors))
    case 'npz':
      return joinTensors(fromMembers(await unzip(file, limit), tensors))
    case 'csv':
    case 'npy': {
      if (tensors.length > 1) {
        throw new WeightsError(
          'bad_tensors',
          `one ${format} file holds one tensor, the model has ${tensors.length}: a folder or a zip archive of them is due`,
        )
      }
      return joinTensors(fromMembers([{ name: `${tensors[0].name}.${format}`, bytes: file }], tensors))
    }
  }
}

async function readStream(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw new WeightsError('too_large', `standard input has more than the ${limit} bytes expected`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks, size))
}

// The files of one format in a folder, which may contain others.
function readFolder(folder: string, format: 'csv' | 'npy', limit: number): ZipMember[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(`.${format}`))
  return names.map((name) => ({ name, bytes: readRegular(join(folder, name), limit, `a ${format} file`) }))
}

function fromMembers(members: readonly ZipMember[], tensors: readonly TensorSpec[]): TensorArray[] {
  const given = new Map(members.map(({ name, bytes }) => [name, bytes]))
  const values = tensors.map((tensor) => {
    const { name } = tensor
    const [npy, csv] = [given.get(`${name}.npy`), given.get(`${name}.csv`)]
    if (npy && csv) throw new WeightsError('bad_tensors', `${name} is there twice, as npy and as csv`)
    if (npy) return npyToTensor(npy, tensor)
    if (csv) return csvToTensor(csv, tensor)
    throw new WeightsError('bad_tensors', `tensor ${name} is missing: a file ${name}.npy or ${name}.csv is due`)
  })
  if (members.length !== tensors.length) {
    throw new WeightsError('bad_tensors', `${members.length} tensors, ${tensors.length} expected`)
  }
  return values
}
