/** Splits a validation set off the training images: whole writers where writers are known, else the same share of every digit. */

import type { LabelledImages } from '../models/evaluation.ts'
import { Random } from '../random.ts'
import { NETWORK_STREAMS } from './random-streams.ts'

/** The group of an image whose writer is not known. */
export const UNGROUPED = 0xffff_ffff

/** Labelled images, with their writers where those are known. */
export interface GroupedImages extends LabelledImages {
  readonly groups?: Uint32Array // [count], a number per writer, or UNGROUPED; absent where no writer is known
}

export interface ValidationSplit {
  readonly training: GroupedImages
  readonly validation: GroupedImages
}

/**
 * Splits off a validation set by a seeded shuffle, in proportion where sets are mixed. Of images without a writer it takes the same
 * share of every class. Of images with a writer it takes whole writers, at least one and never all, until their images come as near
 * as possible to the same share: only writers that were not trained on show how well a model reads new handwriting. Refused images
 * are in neither part.
 * @param held number of images to hold out; rounded per class, and to whole writers
 */
export function splitValidation(set: GroupedImages, held: number, seed: number): ValidationSplit {
  const groups = set.groups ?? new Uint32Array(set.count).fill(UNGROUPED)
  const refused = new Set(set.refused)
  const heldOut = heldOutWriters(groups, held, seed)
  const order = Uint32Array.from({ length: set.count }, (_, i) => i).filter(
    (i) => !refused.has(i) && groups[i] === UNGROUPED,
  )
  new Random(seed, NETWORK_STREAMS.validation).shuffle(order)
  const perClass = new Uint32Array(256)
  for (const [i, label] of set.labels.entries()) if (groups[i] === UNGROUPED) perClass[label]++
  const quota = perClass.map((count) => Math.round((count * held) / set.count))
  const [training, validation]: number[][] = [[], []]
  for (const i of order) {
    if (quota[set.labels[i]] > 0) {
      quota[set.labels[i]]--
      validation.push(i)
    } else training.push(i)
  }
  for (let i = 0; i < set.count; i++) {
    if (groups[i] === UNGROUPED || refused.has(i)) continue
    if (heldOut.has(groups[i])) validation.push(i)
    else training.push(i)
  }
  return { training: select(set, training), validation: select(set, validation) }
}

function heldOutWriters(groups: Uint32Array, held: number, seed: number): Set<number> {
  const written = new Map<number, number>() // images of each writer, in order of appearance
  for (const group of groups) if (group !== UNGROUPED) written.set(group, (written.get(group) ?? 0) + 1)
  if (written.size < 2) return new Set() // a single writer cannot be in both parts
  const writers = Uint32Array.from(written.keys())
  new Random(seed, NETWORK_STREAMS.writers).shuffle(writers)
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
  const { groups } = set
  return {
    images,
    labels,
    count: members.length,
    ...(groups && { groups: Uint32Array.from(members, (i) => groups[i]) }),
  }
}
