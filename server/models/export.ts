/** A model's weights in the formats other programs read: the whole model as one file, or each tensor as one. */

import type { Card } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { tensorToCsv } from '../../core/models/csv.ts'
import { toFloats } from '../../core/models/floats.ts'
import { tensorToNpy } from '../../core/models/npy.ts'
import { encodeTensors } from '../../core/models/safetensors.ts'
import { type TensorPlace, tensorPlaces, tensorValues } from '../../core/models/tensor.ts'
import { type ZipMember, zip } from '../../core/models/zip.ts'

/** Formats weights can be had in, the default one first. */
export const EXPORT_FORMATS = ['safetensors', 'csv', 'npy', 'npz', 'f32'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** A file to hand over. */
export interface ExportedFile {
  readonly filename: string
  readonly type: string // media type
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The model as one file. CSV and NPY hold one tensor each: of a model with more it is a zip archive of theirs, which for
 * NPY is what NumPy calls .npz.
 * @param data the bytes of the model's tensors
 * @throws RangeError when f32 is asked for and can't hold a value exactly
 */
export function exportModel(card: Card, data: Uint8Array, format: ExportFormat): ExportedFile {
  const { id } = card
  const tensors = modelTensors(card)
  switch (format) {
    case 'safetensors':
      return { filename: `${id}.safetensors`, type: 'application/octet-stream', bytes: encodeTensors(tensors, data) }
    case 'f32':
      return { filename: `${id}.f32`, type: 'application/octet-stream', bytes: toFloats(data, tensors) }
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
  if (format === 'npy') return { filename, type: 'application/octet-stream', bytes: tensorToNpy(values, tensor) }
  return { filename, type: 'text/csv; charset=utf-8', bytes: tensorToCsv(values, tensor) }
}

function archive(filename: string, files: readonly ExportedFile[]): ExportedFile {
  const members = files.map(({ filename, bytes }): ZipMember => ({ name: filename, bytes }))
  return { filename, type: 'application/zip', bytes: zip(members) }
}
