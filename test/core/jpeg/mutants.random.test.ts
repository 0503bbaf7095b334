import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Raster } from '../../../core/data/raster.ts'
import { InputError } from '../../../core/errors.ts'
import { readJpeg } from '../../../core/jpeg/file.ts'
import { Random } from '../../../core/random.ts'
import { randomCases } from '../../random-cases.ts'
import { guarded } from '../png/guarded.ts'
import { decoded } from './decoded.ts'
import { mutate, split } from './mutator.ts'
import { randomOptions, randomPicture } from './pictures.ts'
import { writeJpeg } from './writer.ts'

const MUTANTS = randomCases(50_000)
const SEED = 2026

/** Most processor time of one mutant, ms: sizes may be changed to 4096 x 4096 px. None of 100,000 took 20. */
const MOST_MS = 1000

const FIXTURES = new URL('../../fixtures/jpeg/', import.meta.url)

/** What libjpeg wrote, and random pictures stored in any way. */
function originals(): Uint8Array[] {
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.jpg'))
  const files: Uint8Array[] = names.map((name) => new Uint8Array(readFileSync(new URL(name, FIXTURES))))
  for (let n = 0; n < 60; n++) {
    const random = new Random(SEED + 1, n)
    const picture = randomPicture(random, 8 + random.below(20), 8 + random.below(20))
    files.push(writeJpeg(picture, randomOptions(random, picture)))
  }
  return files
}

/** Result of a file: pixels or a refusal; other errors are rethrown. */
function outcome(jpeg: Uint8Array): Raster | InputError {
  try {
    return decoded(jpeg)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

function same(one: Raster | InputError, other: Raster | InputError): boolean {
  if (one instanceof InputError || other instanceof InputError) {
    return one instanceof InputError && other instanceof InputError && one.message === other.message
  }
  return (
    one.width === other.width && one.height === other.height && Buffer.from(one.data).equals(Buffer.from(other.data))
  )
}

/** The first fault in how a file was decoded, if any. */
function complaint(jpeg: Uint8Array, outcomes: Map<string, number>): string | undefined {
  try {
    readJpeg(guarded(jpeg))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
  const start = process.cpuUsage()
  const first = outcome(jpeg)
  const { user, system } = process.cpuUsage(start)
  if (user + system > 1000 * MOST_MS) return `${(user + system) / 1000} ms`
  const code = first instanceof InputError ? first.code : 'ok'
  outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
  if (!same(first, outcome(Buffer.concat([Buffer.of(1, 2, 3), jpeg]).subarray(3)))) return 'two answers'
  if (first instanceof InputError) {
    if (![413, 415, 422].includes(first.status) || !/^[a-z_]+$/.test(code)) return `${first.status} ${code}`
    return first.message.length > 120 ? 'a message of more than 120 characters' : undefined
  }
  const { width, height, channels, data } = first
  return data.length === channels * width * height && Math.max(width, height) <= 1024 ? undefined : 'a wrong raster'
}

test(`gives ${MUTANTS} mutants pixels or an InputError, the same each time, each in less than ${MOST_MS} ms`, () => {
  const random = new Random(SEED, 0)
  const files = originals().map(split)
  const outcomes = new Map<string, number>()
  const complaints: string[] = []
  for (let n = 0; n < MUTANTS && complaints.length < 5; n++) {
    const jpeg = mutate(files[n % files.length], random, files)
    try {
      const wrong = complaint(jpeg, outcomes)
      if (wrong) complaints.push(`mutant ${n}: ${wrong}: ${Buffer.from(jpeg).toString('base64')}`)
    } catch (error) {
      complaints.push(`mutant ${n}: ${error}: ${Buffer.from(jpeg).toString('base64')}`)
    }
  }
  expect(complaints).toEqual([])
  // the count is only worth something if the mutants reach every rule and many are still valid
  expect(outcomes.get('ok')).toBeGreaterThan(MUTANTS / 10)
  expect(outcomes.size).toBeGreaterThanOrEqual(14)
})
