/** Splits a validation set off the training images: whole writers where writers are known, else the same share of every digit. */

import type { LabelledImages } from '../models/evaluation.ts'
import { Random } from '../random.ts'
import { NETWORK_STREAMS } from './random-streams.ts'

/** The group of an image whose writer is not known. */
export const UNGROUPED = 0xffff_ffff

/** Labelled images, with their writers where those are known. */
export interface GroupedImages extends LabelledImages {
  readonly groups?: Uint32Array // [count], a number per writer, or UNGROUPED; absent where no writer is known
  readonly sets?: Uint8Array // [count], a number per data set; absent where all are of one
  readonly originals?: Uint32Array // [count], the position of the image that this is a copy of, else its own; absent without copies
}

export interface ValidationSplit {
  readonly training: GroupedImages
  readonly validation: GroupedImages
}

/**
 * Splits off a validation set by a seeded shuffle, in proportion where sets are mixed. Of images without a writer it takes the same
 * share of every class. Of images with a writer it takes whole writers of every set, at least one and never all, until their images
 * come as near as possible to the same share: only writers that were not trained on show how well a model reads new handwriting. A
 * writer of two sets is in the same part with both. Refused images are in neither part. Copies of an image never are in another part
 * than the image, and validation has none of them.
 * @param held number of images to hold out, copies not counted; rounded per class, and to whole writers
 */
export function splitValidation(set: GroupedImages, held: number, seed: number): ValidationSplit {
  const groups = set.groups ?? new Uint32Array(set.count).fill(UNGROUPED)
  const refused = new Set(set.refused)
  const isCopy = (i: number): boolean => set.originals !== undefined && set.originals[i] !== i
  let distinct = 0
  for (let i = 0; i < set.count; i++) if (!isCopy(i)) distinct++
  const expected = (count: number): number => (count * held) / distinct // of so many images
  const heldOut = heldOutWriters(groups, set.sets ?? new Uint8Array(set.count), isCopy, expected, seed)
  const order = Uint32Array.from({ length: set.count }, (_, i) => i).filter(
    (i) => !refused.has(i) && groups[i] === UNGROUPED && !isCopy(i),
  )
  new Random(seed, NETWORK_STREAMS.validation).shuffle(order)
  const perClass = new Uint32Array(256)
  for (const [i, label] of set.labels.entries()) if (groups[i] === UNGROUPED && !isCopy(i)) perClass[label]++
  const quota = perClass.map((count) => Math.round(expected(count)))
  const inValidation = new Uint8Array(set.count)
  for (const i of order) {
    if (quota[set.labels[i]] === 0) continue
    quota[set.labels[i]]--
    inValidation[i] = 1
  }
  const [training, validation]: number[][] = [[], []]
  for (let i = 0; i < set.count; i++) {
    if (refused.has(i)) continue
    const original = set.originals?.[i] ?? i
    if (groups[i] === UNGROUPED ? inValidation[original] === 0 : !heldOut.has(groups[i])) training.push(i)
    else if (original === i) validation.push(i)
  }
  return { training: select(set, training), validation: select(set, validation) }
}

/** Writers to hold out, chosen set by set in order of appearance. */
function heldOutWriters(
  groups: Uint32Array,
  sets: Uint8Array,
  isCopy: (i: number) => boolean,
  expected: (count: number) => number,
  seed: number,
): Set<number> {
  const written = new Map<number, Map<number, number>>() // set -> its writers -> images of each; in order of appearance
  for (const [i, group] of groups.entries()) {
    if (group === UNGROUPED || isCopy(i)) continue
    const counts = written.get(sets[i]) ?? new Map<number, number>()
    counts.set(group, (counts.get(group) ?? 0) + 1)
    written.set(sets[i], counts)
  }
  const random = new Random(seed, NETWORK_STREAMS.writers)
  const [decided, chosen] = [new Set<number>(), new Set<number>()]
  for (const counts of written.values()) {
    if (counts.size < 2) continue // a single writer cannot be in both parts
    const writers = Uint32Array.from([...counts.keys()].filter((writer) => !decided.has(writer)))
    random.shuffle(writers)
    let total = 0
    for (const count of counts.values()) total += count
    let missing = expected(total)
    let held = 0 // writers of this set
    for (const [writer, count] of counts) {
      if (!chosen.has(writer)) continue
      missing -= count
      held++
    }
    for (const writer of writers) {
      const count = counts.get(writer) ?? 0
      if (held === counts.size - 1) break
      if (held > 0 && Math.abs(missing - count) >= Math.abs(missing)) continue
      chosen.add(writer)
      missing -= count
      held++
    }
    for (const writer of counts.keys()) decided.add(writer)
  }
  return chosen
}

// The images with these numbers, in ascending order.
function select(set: GroupedImages, numbers: readonly number[]): GroupedImages {
  const members = numbers.toSorted((a, b) => a - b)
  const size = set.images.length / set.count
  const images = new Uint8Array(members.length * size)
  const labels = new Uint8Array(members.length)
  for (const [to, from] of members.entries()) {
    images.set(set.images.subarray(from * size, (from + 1) * size), to * size)
    labels[to] = set.labels[from]
  }
  const { groups, sets } = set
  return {
    images,
    labels,
    count: members.length,
    ...(groups && { groups: Uint32Array.from(members, (i) => groups[i]) }),
    ...(sets && { sets: Uint8Array.from(members, (i) => sets[i]) }),
  }
}
