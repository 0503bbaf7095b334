/** A model's weights in the formats that other programs read: the whole model as one file, or one file for each tensor. */

import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { tensorToCsv } from '../../core/models/csv.ts'
import { toFloats } from '../../core/models/floats.ts'
import { tensorToNpy } from '../../core/models/npy.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { type TensorPlace, tensorPlaces, tensorValues } from '../../core/models/tensor.ts'
import { type ZipMember, zip } from '../../core/models/zip.ts'

/** Formats of weights, the default one first. */
export const EXPORT_FORMATS = ['safetensors', 'csv', 'npy', 'npz', 'f32'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** A file that is given to somebody. */
export interface ExportedFile {
  readonly filename: string
  readonly type: string // media type
  readonly bytes: Uint8Array<ArrayBuffer>
}

const BINARY = 'application/octet-stream'

/** The weights file of a model, as it is stored. */
export function exportedWeights(id: string, bytes: Uint8Array<ArrayBuffer>): ExportedFile {
  return { filename: `${id}.safetensors`, type: BINARY, bytes }
}

/**
 * The model as one file. A CSV or NPY file holds one tensor: a model with more becomes a zip archive of such files, which
 * NumPy calls .npz where they are NPY.
 * @param data the bytes of the model's tensors
 * @throws RangeError when f32 is asked for and can't hold a value exactly
 */
export function exportModel(card: Card, data: Uint8Array, format: ExportFormat): ExportedFile {
  const { id } = card
  const tensors = modelTensors(card)
  switch (format) {
    case 'safetensors':
      return exportedWeights(id, encodeTensors(tensors, data))
    case 'f32':
      return { filename: `${id}.f32`, type: BINARY, bytes: toFloats(data, tensors) }
    case 'npz':
      return archive(`${id}.npz`, exportTensors(card, data, 'npy'))
    case 'csv':
    case 'npy': {
      const files = exportTensors(card, data, format)
      if (files.length > 1) return archive(format === 'npy' ? `${id}.npz` : `${id}.csv.zip`, files)
      return { ...files[0], filename: `${id}.${files[0].filename}` }
    }
  }
}

/** Each tensor as a file of its own, named after it: `0.weight.csv`. */
export function exportTensors(card: Card, data: Uint8Array, format: 'csv' | 'npy'): ExportedFile[] {
  return tensorPlaces(modelTensors(card)).map((place) => exportTensor(data, place, format))
}

function exportTensor(data: Uint8Array, place: TensorPlace, format: 'csv' | 'npy'): ExportedFile {
  const { tensor } = place
  const values = tensorValues(data, place)
  const filename = `${tensor.name}.${format}`
  if (format === 'npy') return { filename, type: BINARY, bytes: tensorToNpy(values, tensor) }
  return { filename, type: 'text/csv; charset=utf-8', bytes: tensorToCsv(values, tensor) }
}

function archive(filename: string, files: readonly ExportedFile[]): ExportedFile {
  const members = files.map(({ filename, bytes }): ZipMember => ({ name: filename, bytes }))
  return { filename, type: 'application/zip', bytes: zip(members) }
}
