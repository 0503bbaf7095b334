/** Sets of drawings by name: files of pen strokes, and what is generated. */

import { basename } from 'node:path'
import type { DataSource } from '../../core/models/card.ts'
import type { SyntheticDrawing } from '../../core/synthetic/drawing.ts'
import { DataFileError } from './errors.ts'
import type { Split } from './find.ts'
import { digestOfDrawings, generate } from './generate.ts'
import { GENERATED_SETS } from './generated-sets.ts'
import { findStrokes, STROKE_SETS, strokeSource } from './stroke-sets.ts'
import { readStrokes } from './strokes.ts'
import { unpackedName } from './unpacked.ts'

export interface DrawnSet {
  readonly drawings: readonly SyntheticDrawing[]
  readonly data: DataSource
  readonly writersOf: string // the set that names its writers: sets with the same one share them
}

/**
 * A part of a set of drawings, given by name or as a path that ends in .jsonl or .jsonl.gz; undefined for other sets.
 * @throws DataFileError as findStrokes and readStrokes; not_found for a part that a generated set lacks
 */
export async function readDrawings(nameOrPath: string, split: Split, dataDir: string): Promise<DrawnSet | undefined> {
  const set = GENERATED_SETS.find(({ name }) => name === nameOrPath)
  if (set === undefined) return await readFileOfStrokes(nameOrPath, split, dataDir)
  const { name, from, citation, licence } = set
  const part = set.parts[split]
  if (part === undefined) throw new DataFileError('not_found', `${name} has no ${split} part`)
  const original = from === undefined ? undefined : await readDrawings(from, split, dataDir)
  const drawings = generate(set, split, original?.drawings ?? [])
  const count = part.each ? `${part.count} of each drawing` : `${part.count} drawings`
  return {
    drawings,
    data: {
      name,
      source: `${citation}, seed ${part.seed}, ${count}; ${licence}`,
      files: { ...original?.data.files, [`${name}-${split}.jsonl`]: digestOfDrawings(drawings) },
    },
    writersOf: original?.writersOf ?? name,
  }
}

async function readFileOfStrokes(nameOrPath: string, split: Split, dataDir: string): Promise<DrawnSet | undefined> {
  const path = findStrokes(nameOrPath, split, dataDir)
  if (path === undefined) return undefined
  const others = STROKE_SETS.find(({ name }) => name === nameOrPath)?.others
  const { content, sha256 } = await readStrokes(path, others?.[split])
  return {
    drawings: content,
    data: { name: basename(nameOrPath), source: strokeSource(path), files: { [unpackedName(path)]: sha256 } },
    writersOf: nameOrPath,
  }
}
