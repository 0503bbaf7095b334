/** A runner that needs no thread: it is told what a round comes to, and writes what would be served. */

import type { Order, Outcome } from '../../../server/learning/messages.ts'
import type { Ended, Runner } from '../../../server/learning/runner.ts'
import { writeVersion } from '../../../server/models/versions.ts'

export interface ToldRunner extends Runner {
  readonly orders: Order[]
  /** What the next rounds come to; by itself every one promotes its first lessons, a candidate of their own. */
  readonly script: ((order: Order) => Ended | Promise<Ended>)[]
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
export function promote(order: Order, mark: number, changes: Partial<Outcome> = {}): Ended {
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

export function refuse(order: Order, changes: Partial<Outcome> = {}): Ended {
  const gate = { ...GATE, passed: false, reason: 'it loses too much' }
  return { type: 'done', outcome: { ...outcomeOf(order), verdict: 'refused', reason: gate.reason, gate, ...changes } }
}

function outcomeOf({ lessons }: Order): Outcome {
  return {
    ...{ verdict: 'unchanged', reason: 'as told', tries: [], right: { before: 0, after: lessons.length } },
    verdicts: lessons.map(() => 'learned'),
    live: { judged: 0, right: 0, shippedRight: 0, lost: 0 },
  }
}

export function createToldRunner(): ToldRunner {
  const orders: Order[] = []
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
