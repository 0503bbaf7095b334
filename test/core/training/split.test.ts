/** Validation sets: shares of classes, whole writers, every image in exactly one part. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../core/random.ts'
import { type GroupedImages, splitValidation, UNGROUPED } from '../../../core/training/split.ts'

/** Images whose first four bytes are their number, with random labels. */
function numbered(count: number, groups?: Uint32Array): GroupedImages {
  const random = new Random(11, 0)
  const images = new Uint8Array(count * 784)
  for (let i = 0; i < count; i++) new DataView(images.buffer).setUint32(i * 784, i)
  return {
    images,
    labels: Uint8Array.from({ length: count }, () => random.below(10)),
    count,
    ...(groups && { groups }),
  }
}

function members({ images, count }: GroupedImages): number[] {
  return Array.from({ length: count }, (_, i) => new DataView(images.buffer).getUint32(i * 784))
}

const WRITERS = Uint32Array.from({ length: 1000 }, (_, i) => 7 + (i % 20)) // 20 of 50 images each
const MIXED = Uint32Array.from({ length: 1500 }, (_, i) => (i < 500 ? UNGROUPED : i % 10)) // and 10 of 100

describe('a split', () => {
  test.each([
    ['without writers', numbered(1000)],
    ['by writers', numbered(1000, WRITERS)],
    ['of a mixture', numbered(1500, MIXED)],
  ])('%s holds every image once, in order, with its label and writer, and leaves out refused ones', (_, images) => {
    const set = { ...images, refused: [3, 500] }
    const parts = splitValidation(set, 100, 1)
    const [training, validation] = [members(parts.training), members(parts.validation)]
    expect([...training, ...validation].sort((a, b) => a - b)).toEqual(members(set).filter((i) => i !== 3 && i !== 500))
    for (const [part, numbers] of [
      [parts.training, training],
      [parts.validation, validation],
    ] as const) {
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect([...part.labels]).toEqual(numbers.map((i) => set.labels[i]))
      expect(part.groups && [...part.groups]).toEqual(set.groups && numbers.map((i) => set.groups?.[i]))
    }
  })

  test('depends on the seed', () => {
    for (const set of [numbered(1000), numbered(1000, WRITERS)]) {
      const once = members(splitValidation(set, 100, 1).validation)
      expect(members(splitValidation(set, 100, 1).validation)).toEqual(once)
      expect(members(splitValidation(set, 100, 2).validation)).not.toEqual(once)
    }
  })
})

describe('without writers', () => {
  test('every class gives the same share, to 1 image', () => {
    const set = numbered(1000)
    const { validation } = splitValidation(set, 100, 1)
    for (let label = 0; label < 10; label++) {
      const share = (labels: Uint8Array) => labels.filter((given) => given === label).length
      expect(Math.abs(share(validation.labels) - share(set.labels) / 10)).toBeLessThanOrEqual(1)
    }
  })

  test('the members are those of the first version, on which the shipped weights depend', () => {
    const { validation } = splitValidation(numbered(1000), 100, 5)
    const digest = createHash('sha256').update(members(validation).join()).digest('hex')
    expect(digest).toBe('daa7fb2f0ecf53a9862ad62bb0018a1249aa8a6951fa30e4bf2da744aa8b73c7')
  })
})

describe('with writers', () => {
  test('no writer is in both parts, and 100 of 1000 images are held out as two whole writers of 50', () => {
    const { training, validation } = splitValidation(numbered(1000, WRITERS), 100, 1)
    const [learned, held] = [new Set(training.groups), new Set(validation.groups)]
    expect([learned.size, held.size]).toEqual([18, 2])
    expect([...held].filter((writer) => learned.has(writer))).toEqual([])
    expect(validation.count).toBe(100)
  })

  test('at least one writer is held out however few images are asked for, and one stays however many', () => {
    expect(new Set(splitValidation(numbered(1000, WRITERS), 1, 1).validation.groups).size).toBe(1)
    expect(new Set(splitValidation(numbered(1000, WRITERS), 1000, 1).training.groups).size).toBe(1)
    expect(splitValidation(numbered(50, new Uint32Array(50)), 10, 1).validation.count).toBe(0)
  })

  test('a mixture gives the same share of images without a writer and of writers', () => {
    const { validation } = splitValidation(numbered(1500, MIXED), 300, 1)
    const without = validation.groups?.filter((group) => group === UNGROUPED).length ?? 0
    expect(Math.abs(without - 100)).toBeLessThanOrEqual(5) // rounded for each of ten classes
    expect(validation.count - without).toBe(200)
  })
})

describe('copies', () => {
  /** 1000 images, the first 500 of them again, and the first 500 once more. */
  const repeated = (groups?: Uint32Array): GroupedImages => {
    const originals = Uint32Array.from({ length: 2000 }, (_, i) => (i < 1000 ? i : (i - 1000) % 500))
    const { images, labels } = numbered(1000, groups)
    return {
      images: Uint8Array.from(
        { length: 2000 * 784 },
        (_, p) => images[originals[Math.floor(p / 784)] * 784 + (p % 784)],
      ),
      labels: Uint8Array.from(originals, (i) => labels[i]),
      count: 2000,
      ...(groups && { groups: Uint32Array.from(originals, (i) => groups[i]) }),
      originals,
    }
  }

  test.each([
    ['without writers', undefined],
    ['by writers', WRITERS],
  ])('%s change nothing of validation, which has none of them, and are all in training', (_, groups) => {
    const [alone, mixed] = [splitValidation(numbered(1000, groups), 100, 1), splitValidation(repeated(groups), 100, 1)]
    expect(members(mixed.validation)).toEqual(members(alone.validation))
    const learned = members(alone.training)
    const again = learned.filter((i) => i < 500)
    expect(members(mixed.training)).toEqual([...learned, ...again, ...again])
  })
})

describe('several sets with writers', () => {
  // set 0: writers 0 to 19, 50 images each; set 1: 5 images each of the same; set 2: writers 100 to 149, 20 images each
  const groups = Uint32Array.from({ length: 2100 }, (_, i) => (i < 1100 ? i % 20 : 100 + (i % 50)))
  const sets = Uint8Array.from({ length: 2100 }, (_, i) => (i < 1000 ? 0 : i < 1100 ? 1 : 2))

  test('each gives the same share, and a writer of two is in the same part with both', () => {
    const { training, validation } = splitValidation({ ...numbered(2100, groups), sets }, 210, 1)
    const of = (set: number) => validation.sets?.filter((one) => one === set).length
    expect([of(0), of(1), of(2)]).toEqual([100, 10, 100])
    const learned = new Set(training.groups)
    expect([...(validation.groups ?? [])].filter((writer) => learned.has(writer))).toEqual([])
  })

  test('further sets change nothing of what the first gives', () => {
    const alone = splitValidation(numbered(1000, groups.slice(0, 1000)), 100, 1)
    const mixed = splitValidation({ ...numbered(2100, groups), sets }, 210, 1)
    expect(members(mixed.validation).filter((i) => i < 1000)).toEqual(members(alone.validation))
  })
})
