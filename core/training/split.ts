/** Cuts a validation set out of the training images: whole writers where writers are known, else the same share of every digit. */

import type { LabelledImages } from '../models/evaluation.ts'
import { Random } from '../random.ts'

// Streams of core/random.ts; those of training.ts are other ones.
const STREAM_SPLIT = 1
const STREAM_WRITERS = 2

/** The group of an image whose writer is not known. */
export const UNGROUPED = 0xffff_ffff

/** Labelled images, with who wrote them where that is known. */
export interface GroupedImages extends LabelledImages {
  readonly groups?: Uint32Array // [count], a number per writer, or UNGROUPED; absent where no writer is known
}

export interface ValidationSplit {
  readonly training: GroupedImages
  readonly validation: GroupedImages
}

/**
 * Splits off a validation set by a seeded shuffle. Of the images without a writer it takes the same share of every class, so that no
 * digit is missed. Of those with a writer it takes whole writers, in shuffled order, as long as that brings their number nearer to the
 * same share of them, at least one and never all: how well a model reads a stranger's hand shows only on hands it has not seen. Thus a
 * mixture of sets is cut in proportion. Refused images are in neither part.
 * @param held images to hold out; rounded per class, and to whole writers
 */
export function splitValidation(set: GroupedImages, held: number, seed: number): ValidationSplit {
  const groups = set.groups ?? new Uint32Array(set.count).fill(UNGROUPED)
  const refused = new Set(set.refused)
  const writers = heldWriters(groups, held, seed)
  const order = Uint32Array.from({ length: set.count }, (_, i) => i).filter(
    (i) => !refused.has(i) && groups[i] === UNGROUPED,
  )
  new Random(seed, STREAM_SPLIT).shuffle(order)
  const perClass = new Uint32Array(256)
  for (const [i, label] of set.labels.entries()) if (groups[i] === UNGROUPED) perClass[label]++
  const quota = perClass.map((count) => Math.round((count * held) / set.count))
  const [kept, out]: number[][] = [[], []]
  for (const i of order) {
    if (quota[set.labels[i]] > 0) {
      quota[set.labels[i]]--
      out.push(i)
    } else kept.push(i)
  }
  for (let i = 0; i < set.count; i++) {
    if (groups[i] === UNGROUPED || refused.has(i)) continue
    if (writers.has(groups[i])) out.push(i)
    else kept.push(i)
  }
  // ascending, so that the split does not depend on the order of the shuffle beyond its members
  return {
    training: pick(
      set,
      kept.sort((a, b) => a - b),
    ),
    validation: pick(
      set,
      out.sort((a, b) => a - b),
    ),
  }
}

/** Which writers to hold out. */
function heldWriters(groups: Uint32Array, held: number, seed: number): Set<number> {
  const written = new Map<number, number>() // images of each writer, in order of appearance
  for (const group of groups) if (group !== UNGROUPED) written.set(group, (written.get(group) ?? 0) + 1)
  if (written.size < 2) return new Set() // a single writer can't be on both sides
  const writers = Uint32Array.from(written.keys())
  new Random(seed, STREAM_WRITERS).shuffle(writers)
  let total = 0
  for (const count of written.values()) total += count
  let missing = (total * held) / groups.length
  const chosen = new Set<number>()
  for (const writer of writers) {
    const count = written.get(writer) ?? 0
    if (chosen.size === writers.length - 1) break
    if (chosen.size > 0 && Math.abs(missing - count) >= Math.abs(missing)) continue
    chosen.add(writer)
    missing -= count
  }
  return chosen
}

function pick(set: GroupedImages, members: readonly number[]): GroupedImages {
  const size = set.images.length / set.count
  const images = new Uint8Array(members.length * size)
  const labels = new Uint8Array(members.length)
  for (const [to, from] of members.entries()) {
    images.set(set.images.subarray(from * size, (from + 1) * size), to * size)
    labels[to] = set.labels[from]
  }
  const { groups } = set
  return {
    images,
    labels,
    count: members.length,
    ...(groups && { groups: Uint32Array.from(members, (i) => groups[i]) }),
  }
}
