/** The 111 files made to break PNG decoders: what the data folder's list expects of each, and what was decided since. */

import { readFileSync } from 'node:fs'
import { dataFile } from '../../data-sets.ts'

export interface Refusable {
  readonly file: string
  readonly status: number
  readonly code: string
}

/** Answers that are no longer those of the list. */
const CHANGED: readonly (Refusable & { readonly reason: string })[] = [
  {
    file: 'size_1025.png',
    status: 422,
    code: 'blank_image',
    reason: 'pictures of up to 4096 px a side are reduced while they are decoded; this one has no ink',
  },
]

/** Every file, with the answer that it must get. */
export function refusableFiles(): Refusable[] {
  const list = JSON.parse(readFileSync(dataFile('png', 'refuse-expected.json'), 'utf8')) as Refusable[]
  return list.map((each) => CHANGED.find(({ file }) => file === each.file) ?? each)
}
