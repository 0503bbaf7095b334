/** Corrections that the last round held back, for tests. */

import type { RoundReport } from '../../../core/protocol.ts'
import type { Database } from '../../../server/store/database.ts'
import { RoundStore } from '../../../server/store/rounds.ts'

/** Ends a round of the model that held these back. */
export function markHeld(database: Database, numbers: readonly number[], model = 'softmax'): void {
  const rounds = new RoundStore(database)
  const task = {
    model,
    parent: 1,
    seed: 1,
    corrections: numbers,
    newest: rounds.newest(),
    replaySet: 'replay',
    shipped: '',
  }
  const { round } = rounds.begin({ ...task, secondOpinions: [], until: null })
  const uses = numbers.map((number) => [number, 'held'] as const)
  rounds.finish(round, model, { report: {} as RoundReport, seen: rounds.newest(), uses })
}
