/** Corrections that the last round held back, for tests. */

import type { Database } from '../../../server/store/database.ts'
import { RoundStore } from '../../../server/store/rounds.ts'

/** Ends a round of the model that held these back. */
export function markHeld(database: Database, numbers: readonly number[], model = 'softmax'): void {
  const rounds = new RoundStore(database)
  const fixed = { parent: 1, seed: 1, newest: rounds.newest(), replaySet: 'replay', shipped: '', until: null }
  const { round } = rounds.begin({ ...fixed, model, corrections: numbers, secondOpinions: [] })
  const lessons = { learned: 0, implausible: 0, held: numbers.length }
  const end = { verdict: 'unchanged', reason: 'nobody agrees yet', seconds: 1, at: '2026-01-02T03:04:05.000Z' } as const
  const uses = numbers.map((number) => [number, 'held'] as const)
  rounds.finish(round, model, { report: { ...end, round, model, parent: 1, lessons }, seen: fixed.newest, uses })
}
