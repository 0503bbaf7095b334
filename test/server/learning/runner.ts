/** A runner without a thread: a script says how each round ends, and it writes what would be served. */

import type { LearningResult, RoundJob, RoundOutcome } from '../../../server/learning/messages.ts'
import type { LearningRunner } from '../../../server/learning/runner.ts'
import { writeVersion } from '../../../server/models/versions.ts'
import type { JobEnd } from '../../../server/threads/messages.ts'

type RoundEnd = JobEnd<LearningResult>

export interface ScriptedRunner extends LearningRunner {
  readonly jobs: RoundJob[]
  /** How the next rounds end. Without a script each round promotes a candidate of its own. */
  readonly script: ((job: RoundJob) => RoundEnd | Promise<RoundEnd>)[]
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
export function promote(job: RoundJob, mark: number, changes: Partial<RoundOutcome> = {}): RoundEnd {
  const data = job.shipped.data.slice()
  new DataView(data.buffer).setFloat32(data.length - 40, mark, true) // bias of the 0
  const gate = { ...GATE, passed: true, reason: 'it is as good' }
  const learned = { parent: job.parent, round: job.round, shipped: job.shipped.card.weights.sha256, gate }
  const { weights } = writeVersion(job.folder, { card: job.shipped.card, data }, job.version, learned)
  return {
    type: 'done',
    result: { ...outcomeOf(job), verdict: 'promoted', gate, share: 1, saved: weights, ...changes },
  }
}

export function refuse(job: RoundJob, changes: Partial<RoundOutcome> = {}): RoundEnd {
  const gate = { ...GATE, passed: false, reason: 'it loses too much' }
  return { type: 'done', result: { ...outcomeOf(job), verdict: 'refused', reason: gate.reason, gate, ...changes } }
}

function outcomeOf({ corrections }: RoundJob): RoundOutcome {
  return {
    verdict: 'unchanged',
    reason: 'as scripted',
    tries: [],
    right: { before: 0, after: corrections.length },
    verdicts: corrections.map(() => 'learned'),
    live: { judged: 0, right: 0, shippedRight: 0, lost: 0 },
  }
}

export function createScriptedRunner(): ScriptedRunner {
  const jobs: RoundJob[] = []
  const script: ScriptedRunner['script'] = []
  return {
    jobs,
    script,
    run(job) {
      if (job.type === 'prepare') return { ended: Promise.resolve({ type: 'done', result: undefined }), stop() {} }
      jobs.push(job)
      let stop = () => {}
      const stopped = new Promise<RoundEnd>((resolve) => {
        stop = () => resolve({ type: 'stopped' })
      })
      const done = Promise.resolve().then(() => (script.shift() ?? ((one) => promote(one, one.version / 64)))(job))
      return { ended: Promise.race([done, stopped]), stop }
    },
    async close() {},
  }
}
