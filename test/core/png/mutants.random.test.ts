import { readdirSync, readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { expect, it } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { atOnce } from '../../../core/picture/at-once.ts'
import { readDatastream } from '../../../core/png/datastream.ts'
import { decodePng } from '../../../core/png/decode.ts'
import { PNG_LIMITS, type PngLimits } from '../../../core/png/limits.ts'
import { Random } from '../../../core/random.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { randomCases } from '../../random-cases.ts'
import { guarded } from './guarded.ts'
import { forPngjs, mutate } from './mutator.ts'
import { difference, reduce } from './reduced.ts'
import { encode, FORMATS, samplesPerPixel, visible } from './writer.ts'

const MUTANTS = randomCases(100_000)
const SEED = 2026

/** One small valid file per colour type, depth, interlacing and presence of tRNS, with all filters. */
function originals(): Uint8Array[] {
  const files: Uint8Array[] = []
  for (const { colour, depth } of FORMATS) {
    const most = 2 ** depth - 1
    const keys: (number[] | undefined)[] = [undefined]
    if (colour === 3) keys.push([0, 128])
    else if (samplesPerPixel(colour) % 2 === 1) keys.push(Array(samplesPerPixel(colour)).fill(most))
    for (const transparency of keys) {
      for (const interlaced of [false, true]) {
        const [width, height] = interlaced ? [9, 5] : [5, 6]
        const samples = Array.from({ length: width * height * samplesPerPixel(colour) }, (_, i) => (i * i) % (most + 1))
        const palette = colour === 3 ? Array.from({ length: 3 * 2 ** depth }, (_, i) => (i * 85) % 256) : undefined
        const filters = (row: number) => (row + 1) % 5
        files.push(
          encode({
            width,
            height,
            colour,
            depth,
            interlaced,
            samples,
            filters,
            ...(palette && { palette }),
            ...(transparency && { transparency }),
          }),
        )
      }
    }
  }
  return files
}

/** Pictures that are decoded in strips and reduced. */
function large(): Uint8Array[] {
  return [
    { width: 1100, height: 9, colour: 6, depth: 8 },
    { width: 7, height: 2050, colour: 0, depth: 16, interlaced: true },
    { width: 3080, height: 40, colour: 0, depth: 1 },
  ].map((size) => {
    const count = size.width * size.height * samplesPerPixel(size.colour)
    const samples = Array.from({ length: count }, (_, i) => (i * i) % 2 ** size.depth)
    return encode(Object.assign(size, { samples, filters: (row: number) => row % 5 }))
  })
}

/** PngSuite's valid files, where they are; the large ones would only take time. */
function suite(): Uint8Array[] {
  if (noData) return []
  const names = readdirSync(dataFile('png', 'pngsuite')).filter((name) => /^[^x].*\.png$/.test(name))
  const files = names.map((name) => readFileSync(dataFile('png', 'pngsuite', name)))
  return files.filter((file) => file.length < 600).map((file) => new Uint8Array(file))
}

/** Result of a file: pixels or a refusal; other errors are rethrown. */
function outcome(png: Uint8Array, limits: Partial<PngLimits> = {}): Raster | InputError {
  try {
    readDatastream(guarded(png), { ...PNG_LIMITS, minSide: 1 })
    return atOnce(decodePng(png, inflate, { minSide: 1, ...limits }))
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

function same(one: Raster | InputError, other: Raster | InputError): boolean {
  if (one instanceof InputError || other instanceof InputError) return sameRefusal(one, other)
  return (
    one.width === other.width && one.height === other.height && Buffer.from(one.data).equals(Buffer.from(other.data))
  )
}

function sameRefusal(one: Raster | InputError, other: Raster | InputError): boolean {
  return one instanceof InputError && other instanceof InputError && one.message === other.message
}

/** Whether both are the same where alpha is 255, else to about a level: strips keep faint colours less precisely. */
function alike(one: Raster | InputError, other: Raster | InputError): boolean {
  if (one instanceof InputError || other instanceof InputError) return sameRefusal(one, other)
  return one.data.every((v, i) => Math.abs(v - other.data[i]) * (i % 4 === 3 ? 255 : other.data[i | 3]) < 255)
}

/** The first fault in how a file was decoded, if any. */
function complaint(png: Uint8Array, outcomes: Map<string, number>): string | undefined {
  const first = outcome(png)
  const code = first instanceof InputError ? first.code : 'ok'
  outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
  const elsewhere = Buffer.concat([Buffer.of(1, 2, 3), png]).subarray(3)
  if (!same(first, outcome(elsewhere))) return 'two answers'
  if (!alike(first, outcome(png, { maxWhole: 0 }))) return 'another answer in strips'
  if (first instanceof InputError) {
    if (![400, 413, 415, 422].includes(first.status) || !/^[a-z_]+$/.test(code)) return `${first.status} ${code}`
    return first.message.length > 120 ? 'a message of more than 120 characters' : undefined
  }
  if (first.channels !== 4 || first.data.length !== 4 * first.width * first.height) return 'a raster of wrong size'
  const { width, height, data } = PNG.sync.read(Buffer.from(forPngjs(png)))
  const factor = Math.ceil(Math.max(width, height) / 1024)
  const right =
    factor === 1
      ? Buffer.from(visible(first.data)).equals(visible(data))
      : difference(first.data, reduce({ width, height, channels: 4, data }, factor)) <= 0.5 + 1 / 16
  return right ? undefined : 'other pixels than pngjs'
}

it(`gives ${MUTANTS} mutants with repaired CRCs pixels (those of pngjs) or an InputError, the same one each time`, () => {
  const random = new Random(SEED, 0)
  const files = [...originals(), ...large(), ...suite()]
  const outcomes = new Map<string, number>()
  const complaints: string[] = []
  for (let n = 0; n < MUTANTS && complaints.length < 5; n++) {
    const png = mutate(files[n % files.length], random)
    try {
      const wrong = complaint(png, outcomes)
      if (wrong) complaints.push(`mutant ${n}: ${wrong}: ${Buffer.from(png).toString('base64')}`)
    } catch (error) {
      complaints.push(`mutant ${n}: ${error}: ${Buffer.from(png).toString('base64')}`)
    }
  }
  expect(complaints).toEqual([])
  // the count is only worth something if the mutants reach every rule and many are still valid
  expect(outcomes.get('ok')).toBeGreaterThan(MUTANTS / 10)
  expect(outcomes.size).toBeGreaterThanOrEqual(24)
})
