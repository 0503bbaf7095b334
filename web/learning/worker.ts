/** The worker that learns what a visitor teaches, beside the page, so that drawing stays smooth. The newest job replaces an earlier one. */

import { createBackendFactory } from '../../core/backend/choose.ts'
import { typescriptBackend } from '../../core/backend/typescript.ts'
import { messageOf } from '../../core/errors.ts'
import { createGenerator } from '../../core/learning/generator.ts'
import { createPersonalLearner, type Lesson, type PersonalLearner } from '../../core/learning/personal.ts'
import { sha256Hex } from '../../core/learning/sha256.ts'
import type { NetworkCard } from '../../core/models/card.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { FromWorker, ToWorker } from './jobs.ts'

/** Between two looks at what the page has sent meanwhile, ms. */
const SLICE = 25

interface Job {
  readonly job: number
  readonly lessons: readonly Lesson[]
}

let started: Promise<(everyones: ModelFiles) => PersonalLearner> | undefined
let everyones: ModelFiles | undefined
let learner: PersonalLearner | undefined // of `everyones`
let preparing = false
let wanted: Job | undefined
let working = false

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'start':
      started = start(data)
      break
    case 'everyones':
      everyones = data.files
      learner = wanted = undefined
      break
    case 'prepare':
      preparing = true
      break
    case 'learn':
      wanted = data
      break
  }
  if (!working) void work()
})

async function start({ backend, module, generator }: Extract<ToWorker, { type: 'start' }>) {
  const load = () => (module ? Promise.resolve(module) : Promise.reject(new Error('the page has none')))
  const backends = await createBackendFactory(
    { simd: load, scalar: load, typescript: async () => typescriptBackend },
    backend,
  )
  const { draw } = createGenerator(generator.sizes, generator.data)
  return ({ card, data }: ModelFiles) => createPersonalLearner(backends, { card: card as NetworkCard, data }, draw)
}

/** Does what is to be done, in slices, until nothing is left. */
async function work(): Promise<void> {
  working = true
  const since = performance.now()
  let learning: ReturnType<PersonalLearner['learn']> | undefined
  let current: Job | undefined
  while (everyones && (wanted || preparing)) {
    try {
      if (!learner) {
        const model = everyones
        const made = (await started)?.(model)
        if (model !== everyones) continue // another one came meanwhile
        learner = made
        learning = current = undefined // of the network before
      }
      if (!learner) break
      if (wanted !== current) {
        current = wanted
        learning = wanted && learner.learn(wanted.lessons)
      }
      const more = slice(() => (learning ? learning.advance() !== undefined : learner?.prepare()))
      if (!more && learning && current) {
        const data = learning.result()
        answer(
          { type: 'learned', job: current.job, data, sha256: sha256Hex(data), ms: performance.now() - since },
          data,
        )
        wanted = learning = current = undefined
        preparing = false
      } else if (!more) {
        answer({ type: 'prepared', ms: performance.now() - since })
        preparing = false
      }
    } catch (error) {
      if (wanted) answer({ type: 'failed', job: wanted.job, reason: messageOf(error) })
      wanted = learning = current = learner = undefined
      preparing = false
    }
    await nextMessages()
  }
  working = false
}

/** Works for a moment; false when it is done. */
function slice(advance: () => boolean | undefined): boolean {
  const end = performance.now() + SLICE
  while (advance()) if (performance.now() >= end) return true
  return false
}

/** Lets messages in that have come meanwhile. */
function nextMessages(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function answer(message: FromWorker, ...moved: Uint8Array<ArrayBuffer>[]): void {
  const post = postMessage as unknown as (message: FromWorker, transfer: ArrayBuffer[]) => void // the types are a window's
  post(
    message,
    moved.map(({ buffer }) => buffer),
  )
}
