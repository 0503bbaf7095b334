/** A runner that needs no thread: it is told what a round comes to, and writes what would be served. */

import type { RoundJob, RoundOutcome } from '../../../server/learning/messages.ts'
import type { Ended, LearningRunner } from '../../../server/learning/runner.ts'
import { writeVersion } from '../../../server/models/versions.ts'

export interface ToldRunner extends LearningRunner {
  readonly orders: RoundJob[]
  /** What the next rounds come to; by itself every one promotes its first lessons, a candidate of their own. */
  readonly script: ((order: RoundJob) => Ended | Promise<Ended>)[]
}

const SCORE = { accuracy: 0.9, perClass: Array(10).fill(0.9) as number[] }
const GATE = {
  set: 'mnist',
  images: 100,
  shipped: SCORE,
  candidate: SCORE,
  limits: { overall: 0.001, worstClass: 0.025 },
}

/** A candidate whose weights differ with `mark`, written as the thread does. */
export function promote(order: RoundJob, mark: number, changes: Partial<RoundOutcome> = {}): Ended {
  const data = order.shipped.data.slice()
  new DataView(data.buffer).setFloat32(data.length - 40, mark, true) // bias of the 0
  const gate = { ...GATE, passed: true, reason: 'it is as good' }
  const learned = { parent: order.parent, round: order.round, shipped: order.shipped.card.weights.sha256, gate }
  const { weights } = writeVersion(order.folder, { card: order.shipped.card, data }, order.version, learned)
  return {
    type: 'done',
    outcome: { ...outcomeOf(order), verdict: 'promoted', gate, share: 1, saved: weights, ...changes },
  }
}

export function refuse(order: RoundJob, changes: Partial<RoundOutcome> = {}): Ended {
  const gate = { ...GATE, passed: false, reason: 'it loses too much' }
  return { type: 'done', outcome: { ...outcomeOf(order), verdict: 'refused', reason: gate.reason, gate, ...changes } }
}

function outcomeOf({ corrections }: RoundJob): RoundOutcome {
  return {
    verdict: 'unchanged',
    reason: 'as told',
    tries: [],
    right: { before: 0, after: corrections.length },
    verdicts: corrections.map(() => 'learned'),
    live: { judged: 0, right: 0, shippedRight: 0, lost: 0 },
  }
}

export function createToldRunner(): ToldRunner {
  const orders: RoundJob[] = []
  const script: ToldRunner['script'] = []
  return {
    orders,
    script,
    run(command) {
      if (command.type === 'prepare') return { ended: Promise.resolve({ type: 'prepared' }), stop() {} }
      const { order } = command
      orders.push(order)
      let stop = () => {}
      const stopped = new Promise<Ended>((resolve) => {
        stop = () => resolve({ type: 'stopped' })
      })
      const done = Promise.resolve().then(() => (script.shift() ?? ((one) => promote(one, one.version / 64)))(order))
      return { ended: Promise.race([done, stopped]), stop }
    },
    async close() {},
  }
}
