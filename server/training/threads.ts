/** Training on several cores: worker threads, each with a shard in a memory of its own, that take over parts of minibatches. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import type { LayerSpec } from '../../core/models/layer.ts'
import { parameterCount } from '../../core/models/layout.ts'
import type { Recipe } from '../../core/models/recipe.ts'
import type { RemoteShards } from '../../core/training.ts'

const PATIENCE = 300_000 // ms a part may take before its thread counts as lost

/** What a thread is given: who it is, what there is to do, and the memory that all share. */
export interface ThreadData {
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe
  readonly images: Uint8Array<SharedArrayBuffer>
  readonly labels: Uint8Array<SharedArrayBuffer>
  readonly parts: readonly [from: number, to: number] // of each minibatch
  readonly memory: SharedMemory
}

/** Written by one side, read by the other, never at the same time: `turn` and `done` say whose turn it is. */
export interface SharedMemory {
  /** [turn, epoch, step, failed]: a new turn is a new minibatch; a negative one is the end. */
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
  const workers = Array.from({ length: count - 1 }, (_, i) => {
    const workerData: ThreadData = { layers, recipe, images, labels, parts: [border(i + 1), border(i + 2)], memory }
    return new Worker(new URL('./thread.ts', import.meta.url), { workerData })
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
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
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
