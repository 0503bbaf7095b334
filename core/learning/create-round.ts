/** Sets up a round of learning for a model of any type that can learn. */

import type { BackendFactory } from '../backend/backend.ts'
import type { NeighboursCard, NetworkCard } from '../models/card.ts'
import { neighboursRound } from './neighbours-round.ts'
import { networkRound } from './network-round.ts'
import type { Round, RoundOf, RoundTask } from './round.ts'

/**
 * Sets up a round. The same task gives the same bytes on every machine and backend.
 * @throws RangeError when models of this type cannot learn
 */
export function createRound(backends: BackendFactory, task: RoundTask): Round {
  const { card } = task.shipped
  if (card.type === 'network') return networkRound(backends, { ...task, card } satisfies RoundOf<NetworkCard>)
  if (card.type === 'neighbours') return neighboursRound(backends, { ...task, card } satisfies RoundOf<NeighboursCard>)
  throw new RangeError(`models of type ${card.type} do not learn`)
}
