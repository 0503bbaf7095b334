/** Reads the file of a benchmark's report, of any release: what a comparison uses is checked, the rest is left as it is. */

import { messageOf, quoted } from '../errors.ts'
import type { BenchmarkReport } from '../protocol.ts'

/** Largest file, bytes: a whole report has about 60,000. */
export const REPORT_BYTES = 2_097_152

/** Most rows of models, and of kernels. */
const ROWS = 1000

/** Longest text, characters. */
const LETTERS = 200

const KINDS = ['network', 'neighbours', 'forest', 'boosted']
const COLUMNS = ['simd', 'scalar', 'ts', 'plain']
const SOURCE = 'the output of inkling bench --json'

type Fields = Readonly<Record<string, unknown>>

/**
 * @param text of the file: what `inkling bench --json` prints, or the answer of GET /api/v1/benchmark
 * @param name of the file, for messages
 * @throws Error that names the file, the field, what was got and what was expected
 */
export function parseReport(text: string, name: string): BenchmarkReport {
  const refuse = (why: string) => new Error(`${quoted(name)} is no report of a benchmark: ${why}`)
  if (text.length > REPORT_BYTES) {
    throw refuse(`it has ${text.length} characters, expected at most ${REPORT_BYTES}`)
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw refuse(`it begins with ${quoted(text.trimStart(), 20)} and is no JSON, expected ${SOURCE}`)
  }
  try {
    return checked(content)
  } catch (error) {
    throw refuse(messageOf(error))
  }
}

function checked(content: unknown): BenchmarkReport {
  const outer = fields(content, 'the file')
  if (typeof outer.state === 'string' && outer.state !== 'measured') {
    throw new Error(`the machine is ${quoted(outer.state)}, expected "measured": ask it again when it is done`)
  }
  const report = outer.state === 'measured' ? fields(outer.report, 'report') : outer
  if (report.format !== 1) throw wrong('format', report.format, `1, as in ${SOURCE}`)
  words(report.at, 'at')
  if (Number.isNaN(Date.parse(String(report.at)))) throw wrong('at', report.at, 'a time such as 2026-11-30T12:00:00Z')
  positive(report.seconds, 'seconds')
  const environment = fields(report.environment, 'environment')
  for (const key of ['program', 'runtime', 'selfTest']) words(environment[key], `environment.${key}`)
  for (const key of ['device', 'cpu', 'arch', 'platform', 'engine']) {
    if (environment[key] !== undefined) words(environment[key], `environment.${key}`)
  }
  if (environment.cores !== undefined) positive(environment.cores, 'environment.cores')
  list(report.backends, 'backends').forEach((backend, i) => {
    if (!COLUMNS.includes(String(backend))) throw wrong(`backends[${i}]`, backend, `one of ${COLUMNS.join(', ')}`)
  })
  const peak = fields(report.peak, 'peak')
  for (const [column, value] of Object.entries(peak)) positive(value, `peak.${column}`)
  list(report.kernels, 'kernels').forEach((row, i) => {
    const { title, times } = fields(row, `kernels[${i}]`)
    words(title, `kernels[${i}].title`)
    checkTimes(times, `kernels[${i}].times`)
  })
  list(report.models, 'models').forEach((row, i) => {
    const { model, name, type, memory, times } = fields(row, `models[${i}]`)
    words(model, `models[${i}].model`)
    words(name, `models[${i}].name`)
    if (!KINDS.includes(String(type))) throw wrong(`models[${i}].type`, type, `one of ${KINDS.join(', ')}`)
    positive(memory, `models[${i}].memory`)
    checkTimes(times, `models[${i}].times`)
  })
  const drift = fields(report.drift, 'drift')
  if (typeof drift.throttled !== 'boolean') throw wrong('drift.throttled', drift.throttled, 'true or false')
  share(drift.loss, 'drift.loss')
  if (report.processor !== undefined) share(report.processor, 'processor')
  return report as unknown as BenchmarkReport
}

function checkTimes(value: unknown, where: string): void {
  for (const [column, time] of Object.entries(fields(value, where))) {
    if (!COLUMNS.includes(column)) throw wrong(where, column, `times of ${COLUMNS.join(', ')}`)
    positive(fields(time, `${where}.${column}`).median, `${where}.${column}.median`)
  }
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, value, 'an object')
  return value as Fields
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > ROWS) throw wrong(where, value, `a list of at most ${ROWS}`)
  return value
}

function words(value: unknown, where: string): void {
  if (typeof value !== 'string' || value.length > LETTERS) {
    throw wrong(where, value, `a text of at most ${LETTERS} characters`)
  }
}

function positive(value: unknown, where: string): void {
  if (typeof value !== 'number' || !(value > 0 && value < 1e15)) throw wrong(where, value, 'a number above 0')
}

function share(value: unknown, where: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw wrong(where, value, 'a number from 0 to 1')
}

function wrong(where: string, value: unknown, expected: string): Error {
  const got = value === undefined ? 'missing' : quoted(JSON.stringify(value) ?? typeof value, 40)
  return new Error(`${where} is ${got}, expected ${expected}`)
}
