/** Random pictures as coefficients, and random ways of storing them. */

import type { Random } from '../../../core/random.ts'
import { LONG_CODES, type Options, type Picture, type ScanScript, SHORT_CODES, unitsIn } from './writer.ts'

/** Sampling factors that one scan can hold, and others that need a scan for each component. */
const SAMPLINGS: readonly (readonly (readonly [h: number, v: number])[])[] = [
  [[1, 1]],
  [[2, 2]],
  [[3, 1]],
  [
    [1, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 2],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [1, 2],
    [1, 1],
    [1, 1],
  ],
  [
    [4, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [4, 2],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 2],
    [2, 1],
    [1, 2],
  ],
  [
    [1, 1],
    [2, 2],
    [1, 1],
  ],
  [
    [3, 2],
    [1, 1],
    [3, 1],
  ],
  [
    [1, 3],
    [1, 1],
    [1, 2],
  ],
  [
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 2],
    [1, 1],
    [1, 1],
    [2, 2],
  ],
  [
    [4, 4],
    [4, 4],
    [1, 1],
  ],
  [
    [4, 3],
    [3, 4],
    [2, 2],
    [4, 4],
  ],
]

/** A smooth picture with some texture, whose samples lie well within 0..255. */
export function randomPicture(random: Random, width: number, height: number): Picture {
  const sampling = SAMPLINGS[random.below(SAMPLINGS.length)]
  const components = sampling.map(([h, v], k) => ({ id: k + 1 + 10 * random.below(3), h, v }))
  const { columns, rows } = unitsIn({ width, height, components })
  return {
    width,
    height,
    components: components.map(({ id, h, v }) => {
      const quantisation = Array.from({ length: 64 }, () => 1 + random.below(30))
      const blocks = Array.from({ length: columns * h * rows * v }, () => randomBlock(random, quantisation))
      return { id, h, v, quantisation, blocks }
    }),
  }
}

/** The mean is 128 +- 50 and all other coefficients together change a sample by less than 60. */
function randomBlock(random: Random, quantisation: readonly number[]): Int16Array {
  const block = new Int16Array(64)
  block[0] = Math.trunc((random.uniform() - 0.5) * (800 / quantisation[0]))
  let left = 240
  for (let n = random.below(12); n > 0; n--) {
    const k = 1 + (random.below(2) ? random.below(63) : random.below(10))
    const size = random.uniform() * left
    block[k] = Math.trunc((random.below(2) ? size : -size) / quantisation[k])
    left -= Math.abs(block[k]) * quantisation[k]
  }
  return block
}

/** Any way of storing a picture. */
export function randomOptions(random: Random, picture: Picture): Options {
  const progressive = random.below(2) === 0
  return {
    progressive,
    scans: progressive ? randomScript(random, picture) : randomScans(random, picture),
    restartInterval: random.below(2) ? 0 : 1 + random.below(9),
    codes: random.below(2) ? SHORT_CODES : LONG_CODES,
    heightAfter: random.below(4) === 0,
    wide: random.below(4) === 0,
    fill: random.below(4) === 0 ? 2 : 0,
  }
}

/** Components in one scan where they fit, or in a scan each, in any order. */
function randomScans(random: Random, picture: Picture): ScanScript[] {
  const all = shuffled(
    random,
    picture.components.map((_, k) => k),
  )
  const groups = fits(picture, all) && random.below(2) ? [all] : all.map((k) => [k])
  return groups.map((of) => ({ of: [...of].sort((a, b) => a - b), start: 0, end: 63, high: 0, low: 0 }))
}

/** First coefficients in one scan or one each, the others in bands; bits in up to four steps. */
function randomScript(random: Random, picture: Picture): ScanScript[] {
  const all = picture.components.map((_, k) => k)
  const scans: ScanScript[] = []
  const steps = (of: readonly number[], start: number, end: number) => {
    const most = random.below(4)
    scans.push({ of, start, end, high: 0, low: most })
    for (let low = most - 1; low >= 0; low--) scans.push({ of, start, end, high: low + 1, low })
  }
  if (fits(picture, all) && random.below(2)) steps(all, 0, 0)
  else for (const k of all) steps([k], 0, 0)
  for (const k of all) {
    const first = 1 + random.below(63)
    if (first > 1) steps([k], 1, first - 1)
    steps([k], first, 63)
  }
  return scans
}

function fits({ components }: Picture, of: readonly number[]): boolean {
  return of.reduce((sum, k) => sum + components[k].h * components[k].v, 0) <= 10
}

function shuffled(random: Random, values: readonly number[]): number[] {
  const order = Uint32Array.from(values)
  random.shuffle(order)
  return Array.from(order)
}
