/** Training on several cores: worker threads, each with a shard in memory of its own, that compute parts of the minibatches. */

import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { parameterCount } from '../../core/models/layout.ts'
import type { Recipe } from '../../core/models/recipe.ts'
import type { RemoteShards } from '../../core/training.ts'
import { createThread, type JobRunner } from '../threads/start.ts'

/** Time a part may take before its thread counts as lost, ms. */
const PATIENCE = 300_000

/** The job of a thread: which parts of the minibatches it computes, and the memory that all threads share. */
export interface ShardJob {
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe
  readonly images: Uint8Array<SharedArrayBuffer>
  readonly labels: Uint8Array<SharedArrayBuffer>
  readonly parts: readonly [from: number, to: number] // of each minibatch
  readonly memory: SharedMemory
}

/** Each array is written by one side and read by the other, never at the same time: `turn` and `done` order them. */
export interface SharedMemory {
  /** [turn, epoch, step, failed]: a new turn is a new minibatch; a negative turn is the end. */
  readonly control: Int32Array<SharedArrayBuffer>
  readonly done: Int32Array<SharedArrayBuffer> // per part, the last turn it was done in
  readonly parameters: Float32Array<SharedArrayBuffer>
  readonly gradients: Float32Array<SharedArrayBuffer> // one buffer after another, per part
  readonly reports: Float64Array<SharedArrayBuffer> // loss and correct, per part
}

export interface Threads extends RemoteShards {
  close(): Promise<void>
}

/**
 * Starts `threads - 1` workers, but no more than there are parts beside the first.
 * @param threads at least 2; the caller's own is one of them
 * @param recipe with at least 2 shards
 */
export async function startThreads(
  threads: number,
  layers: readonly LayerSpec[],
  recipe: Recipe,
  training: LabelledImages,
): Promise<Threads> {
  const { shards } = recipe
  const count = Math.min(threads, shards)
  const parameters = parameterCount(layers)
  const memory: SharedMemory = {
    control: new Int32Array(new SharedArrayBuffer(4 * 4)),
    done: new Int32Array(new SharedArrayBuffer(shards * 4)),
    parameters: new Float32Array(new SharedArrayBuffer(parameters * 4)),
    gradients: new Float32Array(new SharedArrayBuffer(shards * parameters * 4)),
    reports: new Float64Array(new SharedArrayBuffer(shards * 16)),
  }
  const share = (bytes: Uint8Array) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    return shared
  }
  const [images, labels] = [share(training.images), share(training.labels)]
  const border = (thread: number) => Math.ceil((thread * shards) / count)
  const workers = Array.from({ length: count - 1 }, (): JobRunner<ShardJob, 'ready', void> => {
    return createThread(new URL('./thread.ts', import.meta.url), { name: 'training thread' })
  })
  const started = workers.map((worker, i) => {
    const parts = [border(i + 1), border(i + 2)] as const
    return new Promise<void>((resolve, reject) => {
      const { ended } = worker.run({ layers, recipe, images, labels, parts, memory }, () => resolve())
      void ended.then((end) => reject(new Error(end.type === 'failed' ? end.reason : 'a training thread ended')))
    })
  })
  const close = () => Promise.all(workers.map((worker) => worker.close()))
  await Promise.all(started).catch(async (error) => {
    await close()
    throw error
  })
  const { control, done } = memory
  let turn = 0

  return {
    first: border(1),

    start(current, epoch, step) {
      memory.parameters.set(current)
      control[1] = epoch
      control[2] = step
      turn++
      Atomics.store(control, 0, turn)
      Atomics.notify(control, 0)
    },

    collect(part, gradients) {
      for (;;) {
        if (Atomics.load(control, 3) !== 0) throw new Error('a training thread failed')
        const last = Atomics.load(done, part)
        if (last === turn) break
        if (Atomics.wait(done, part, last, PATIENCE) === 'timed-out')
          throw new Error('a training thread does not answer')
      }
      gradients.set(memory.gradients.subarray(part * parameters, (part + 1) * parameters))
      return { loss: memory.reports[2 * part], correct: memory.reports[2 * part + 1] }
    },

    async close() {
      Atomics.store(control, 0, -1)
      Atomics.notify(control, 0)
      await close()
    },
  }
}
