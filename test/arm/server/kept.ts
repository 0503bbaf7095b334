/** What a server keeps on disk: corrections, versions and their weights, as facts that must be the same on every machine. */

import { createHash } from 'node:crypto'
import type { CorrectionsResponse, RoundReport, VersionsResponse } from '../../../core/protocol.ts'
import { check, type Observed, observe } from './observed.ts'
import { get, type Running } from './running.ts'

/** Observes the report of a round, and checks that it made a version that is served. */
export function observeRound(observed: Observed, { seconds: _seconds, at: _at, ...report }: RoundReport): void {
  const name = `round ${report.round}, of ${report.model}`
  check(observed, `${name}: verdict`, report.verdict, 'promoted')
  observe(observed, name, report)
}

/** Observes the bytes of the weights that are served. */
export async function observeWeights(observed: Observed, when: string, server: Running, model: string): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/models/${model}/weights`)
  const sha256 = createHash('sha256')
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest('hex')
  observe(observed, `weights of ${model} ${when}`, `${response.status} ${sha256}`)
}

/** Corrections and versions, without times and ids, as text. */
export async function keptBy(server: Running, models: readonly string[]): Promise<string> {
  const { corrections } = await get<CorrectionsResponse>(server, '/api/v1/corrections')
  const kept = corrections.map(({ id: _id, at: _at, ...correction }) => correction)
  const versions: unknown[] = []
  for (const model of models) {
    const response = await get<VersionsResponse>(server, `/api/v1/models/${model}/versions`)
    const made = response.versions.map(({ at: _at, round, ...version }) => ({ ...version, round: round?.round }))
    versions.push({ ...response, versions: made })
  }
  return JSON.stringify({ corrections: kept, versions })
}
