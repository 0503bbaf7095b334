/** The report of this machine's benchmark in the state directory, written by the server and by `inkling bench --save`. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackendName } from '../../core/backend/backend.ts'
import type { BenchmarkEnvironment, BenchmarkReport } from '../../core/protocol.ts'
import { writeWhole } from '../files/durable.ts'
import { sameMachine } from './environment.ts'

const FILE = 'benchmark.json'

// a list of its own: core/backend/backend.ts would load all kernels
const ALL: readonly BackendName[] = ['simd', 'scalar', 'ts']

/**
 * The stored report, if it has models and was measured by this program on this machine; else undefined.
 * @param choice the only backend to compare with TypeScript; all unless given
 */
export function readReport(
  state: string,
  environment: BenchmarkEnvironment,
  choice?: BackendName,
): BenchmarkReport | undefined {
  try {
    const report = JSON.parse(readFileSync(join(state, FILE), 'utf8')) as BenchmarkReport
    const { format, models, backends } = report
    const missing = report.environment.selfTest !== 'passed' // a backend, on this machine
    const compared = choice ? backends.includes(choice) : ALL.every((name) => backends.includes(name)) || missing
    const opposed = backends.includes('plain') // which earlier releases did not measure
    return format === 1 && models.length > 0 && compared && opposed && sameMachine(report.environment, environment)
      ? report
      : undefined
  } catch {
    return undefined // there is none, or it is not of this program
  }
}

/** @throws the file system's error */
export function writeReport(state: string, report: BenchmarkReport): void {
  writeWhole(join(state, FILE), JSON.stringify(report))
}
