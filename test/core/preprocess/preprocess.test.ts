/** Preprocessing of one drawing under many circumstances: what makes no difference, what it returns, and what it refuses. */

import { describe, expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { PREPROCESS_VERSION, preprocess } from '../../../core/preprocess.ts'
import { Random } from '../../../core/random.ts'
import { BLACK, CLEAR, type Colour, compress, difference, repaint, type Scene, scene, WHITE } from './scene.ts'

const PLAIN = preprocess(scene())

function seen(options: Scene): Uint8Array {
  return preprocess(scene(options))
}

/** Near-Gaussian noise of standard deviation 1: the sum of twelve uniform numbers. */
function noise(seed: number): () => number {
  const random = new Random(seed, 0)
  return () => {
    let sum = -6
    for (let k = 0; k < 12; k++) sum += random.uniform()
    return sum
  }
}

function refusal(image: Raster): string {
  try {
    preprocess(image)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message.length).toBeLessThanOrEqual(120)
    return `${error.status} ${error.code}`
  }
  return 'accepted'
}

describe('the 28x28 bytes', () => {
  const rows = Array.from({ length: 28 }, (_, y) => PLAIN.subarray(y * 28, (y + 1) * 28))
  const inkedRows = rows.flatMap((row, y) => (row.some((v) => v > 0) ? [y] : []))
  const inkedColumns = [...rows.keys()].filter((x) => rows.some((row) => row[x] > 0))

  it('are 784, from no ink to full ink', () => {
    expect(PLAIN).toBeInstanceOf(Uint8Array)
    expect(PLAIN).toHaveLength(784)
    expect(Math.min(...PLAIN)).toBe(0)
    expect(Math.max(...PLAIN)).toBe(255)
  })

  it('hold a digit whose longer side is 20 px', () => {
    const width = inkedColumns[inkedColumns.length - 1] - inkedColumns[0] + 1
    const height = inkedRows[inkedRows.length - 1] - inkedRows[0] + 1
    expect(Math.max(width, height)).toBe(20)
  })

  it('have their centre of mass in [13.5, 14.5) both ways, as MNIST has it', () => {
    let [mass, x, y] = [0, 0, 0]
    PLAIN.forEach((v, p) => {
      mass += v
      x += v * (p % 28)
      y += v * Math.floor(p / 28)
    })
    for (const middle of [x / mass, y / mass]) {
      expect(middle).toBeGreaterThanOrEqual(13.5)
      expect(middle).toBeLessThan(14.5)
    }
  })

  it('do not change when they are preprocessed again', () => {
    expect(preprocess({ width: 28, height: 28, channels: 1, data: PLAIN })).toEqual(PLAIN)
  })
})

it('the bytes are those of version 2: a change here needs another PREPROCESS_VERSION and models trained on it', () => {
  const pictures = [
    scene(),
    scene({ zoom: 1, side: 64, left: -24, top: -24 }),
    scene({ paper: CLEAR, ink: [200, 30, 90, 110] }),
    scene({ strokes: [[...Array(40).keys()].map((k) => [k, (k * k) % 37] as const)], zoom: 5, side: 600 }),
    repaint(scene(), (v, x, y) => v * (1 - (x + y) / 1400) + ((x * 7 + y * 13) % 5)),
  ]
  const digest = pictures
    .flatMap((picture) => [...preprocess(picture)])
    .reduce((h, v) => Math.imul(h ^ v, 16_777_619), 2_166_136_261)
  expect([PREPROCESS_VERSION, digest >>> 0]).toEqual([2, 2_751_462_992])
})

describe('it makes no difference to a single byte', () => {
  it.each([
    ['left edge', -32, 30],
    ['right edge', 88, 30],
    ['top edge', 20, -36],
    ['bottom edge', 20, 96],
    ['top left corner', -32, -32],
    ['somewhere else', 57, 3],
  ])('where it is drawn: %s', (_, left, top) => {
    expect(seen({ left, top })).toEqual(PLAIN)
  })

  it.each([
    ['black on white', WHITE, BLACK],
    ['brown on yellow', [250, 240, 90, 255], [90, 40, 10, 255]],
  ] as [string, Colour, Colour][])('whether colours are inverted: %s', (_, paper, ink) => {
    const picture = scene({ paper, ink })
    expect(preprocess(repaint(picture, (level) => 255 - level))).toEqual(preprocess(picture))
  })

  it('whether a grey picture comes as one channel or as four', () => {
    const { data } = scene()
    const grey = data.filter((_, i) => i % 4 === 0)
    expect(preprocess({ width: 280, height: 280, channels: 1, data: grey })).toEqual(PLAIN)
  })

  it('which colour opaque ink has on transparent paper, and which colour the transparency has', () => {
    expect(seen({ paper: CLEAR, ink: BLACK })).toEqual(PLAIN)
    expect(seen({ paper: CLEAR, ink: WHITE })).toEqual(PLAIN)
    expect(seen({ paper: CLEAR, ink: [3, 200, 90, 255] })).toEqual(PLAIN)
    const hidden = scene({ paper: CLEAR, ink: BLACK })
    for (let i = 0; i < hidden.data.length; i += 4) if (hidden.data[i + 3] === 0) hidden.data.fill(i & 255, i, i + 3)
    expect(preprocess(hidden)).toEqual(PLAIN)
  })

  it('whether the paper has transparent corners', () => {
    const picture = scene({ left: 28, top: 28 })
    for (let p = 0; p < 280 * 280; p++) {
      const [x, y] = [p % 280, Math.floor(p / 280)].map((v) => Math.max(0, 20 - v, v - 259))
      if (x * x + y * y > 400) picture.data.fill(0, p * 4, p * 4 + 4)
    }
    expect(preprocess(picture)).toEqual(PLAIN)
  })
})

describe('it makes almost no difference', () => {
  it.each([
    ['grey paper #E6E6E6', [230, 230, 230, 255], BLACK],
    ['red on a green of the same luma', [0, 130, 0, 255], [255, 0, 0, 255]],
    ['blue on red', [220, 0, 0, 255], [0, 0, 220, 255]],
    ['ink 25 levels paler than its paper', [250, 250, 250, 255], [225, 225, 225, 255]],
    ['ink that is half transparent on transparency', CLEAR, [200, 30, 90, 110]],
    ['ink that is half transparent on paper', WHITE, [0, 0, 0, 128]],
  ] as [string, Colour, Colour][])('in which colours it is drawn: %s, under 0.1 of 255 levels', (_, paper, ink) => {
    expect(difference(seen({ paper, ink }), PLAIN)).toBeLessThan(0.1)
  })

  it.each([1, 3, 4, 8])('how large it is drawn, 80 to 640 px: %i times 80, under 0.2 of 255 levels', (zoom) => {
    expect(difference(seen({ zoom, side: 112 * zoom, left: 0, top: 0 }), PLAIN)).toBeLessThan(0.2)
  })

  it('how small it is on its canvas: 80 of 1024 px, under 0.1 of 255 levels', () => {
    expect(difference(seen({ zoom: 1, side: 1024, left: 700, top: 40 }), PLAIN)).toBeLessThan(0.1)
  })

  it.each([2, 8, 20])('whether a scanner adds noise of standard deviation %i, under 0.5 of 255 levels', (deviation) => {
    const gauss = noise(deviation)
    expect(difference(preprocess(repaint(scene(), (v) => v + deviation * gauss())), PLAIN)).toBeLessThan(0.5)
  })

  it.each([40, 80, 120])('whether light falls off by %i levels across the paper, under 5 of 255 levels', (depth) => {
    const shaded = repaint(scene(), (v, x, y) => v * (1 - (depth * (x + y)) / (255 * 560)))
    expect(difference(preprocess(shaded), PLAIN)).toBeLessThan(5)
  })

  it('whether the corners are a third darker and noisy, under 4 of 255 levels', () => {
    const gauss = noise(1)
    const shaded = repaint(scene(), (v, x, y) => v * (1 - ((x - 140) ** 2 + (y - 140) ** 2) / 120_000) + 4 * gauss())
    expect(difference(preprocess(shaded), PLAIN)).toBeLessThan(4)
  })

  it.each([10, 24, 40, 80])('whether it was compressed with losses, steps of %i, under 4 of 255 levels', (step) => {
    expect(difference(preprocess(compress(scene(), step)), PLAIN)).toBeLessThan(4)
  })

  it('whether there is dust on the paper, under 0.1 of 255 levels', () => {
    const random = new Random(5, 0)
    const dusty = scene({ left: 28, top: 28 })
    for (let grain = 0; grain < 60; grain++) {
      const [x, y] = [random.below(277), random.below(277)]
      for (const p of [0, 1, 2, 280, 281, 561].map((offset) => y * 280 + x + offset)) {
        if ([-281, -280, -279, -1, 0, 1, 279, 280, 281].every((near) => dusty.data[(p + near) * 4] !== 0)) {
          dusty.data.fill(90, p * 4, p * 4 + 3)
        }
      }
    }
    expect(difference(preprocess(dusty), PLAIN)).toBeLessThan(0.1)
  })
})

describe('it is refused with 422', () => {
  const plain = (side: number, ...levels: number[]): Raster => ({
    width: side,
    height: side,
    channels: levels.length === 1 ? 1 : 4,
    data: Uint8Array.from({ length: side * side * levels.length }, (_, i) => levels[i % levels.length]),
  })
  const gauss = noise(9)
  const filled = repaint(scene({ ink: WHITE }), (v, x, y) => (x < 20 || y < 15 || x >= 265 || y >= 262 ? v : 40))

  it.each([
    ['white', plain(28, 255), 'blank_image'],
    ['black', plain(28, 0), 'blank_image'],
    ['transparent', plain(28, 0, 0, 0, 0), 'blank_image'],
    ['red, half transparent', plain(28, 255, 0, 0, 128), 'blank_image'],
    ['1024x1024 black', plain(1024, 0), 'blank_image'],
    ['ink 15 levels from its paper', scene({ ink: [240, 240, 240, 255] }), 'blank_image'],
    ['empty paper, noisy', repaint(scene({ ink: WHITE }), () => 235 + 5 * gauss()), 'blank_image'],
    ['empty paper, unevenly lit', repaint(scene({ ink: WHITE }), (_, x, y) => 250 - (x + y) / 6), 'blank_image'],
    ['nothing but noise', repaint(scene(), (_, x, y) => (x * x * 7919 + y * 104_729 * x) % 256), 'no_background'],
    ['a canvas filled but for its margin', filled, 'no_background'],
    ['a dot', scene({ strokes: [[[1, 1]]] }), 'too_little_ink'],
    ['a 7 px wide picture', { width: 7, height: 28, channels: 1, data: new Uint8Array(7 * 28) }, 'image_too_small'],
    ['no picture at all', { width: 0, height: 0, channels: 1, data: new Uint8Array() }, 'image_too_small'],
    ['a buffer of another size', { width: 28, height: 28, channels: 4, data: new Uint8Array(784) }, 'bad_raster'],
  ] as [string, Raster, string][])('%s', (_, image, code) => {
    expect(refusal(image)).toBe(`422 ${code}`)
  })

  it('one black pixel, and a hundred of them far apart', () => {
    const one = scene({ ink: WHITE })
    one.data.fill(0, 4 * 20_000, 4 * 20_000 + 3)
    expect(refusal(one)).toBe('422 blank_image')
    const many = scene({ ink: WHITE })
    for (let k = 0; k < 100; k++) many.data.fill(0, 4 * (k * 771 + 90), 4 * (k * 771 + 90) + 3)
    expect(refusal(many)).toBe('422 too_little_ink')
    const small = new Uint8Array(784)
    for (const p of [100, 300, 550]) small[p] = 255
    expect(refusal({ width: 28, height: 28, channels: 1, data: small })).toBe('422 too_little_ink')
  })

  it('not: ink 16 levels from its paper, and the smallest picture there may be', () => {
    expect(refusal(scene({ ink: [239, 239, 239, 255] }))).toBe('accepted')
    const bar = new Uint8Array(64)
    for (let y = 1; y < 7; y++) bar[y * 8 + 4] = 255
    expect(refusal({ width: 8, height: 8, channels: 1, data: bar })).toBe('accepted')
  })
})
