/** A training thread: computes the gradients of its parts of every minibatch. */

import { createShard, shardMemory } from '../../core/training/shard.ts'
import { nodeBackend } from '../backend.ts'
import { doJobs } from '../threads/jobs.ts'
import type { ShardJob } from './threads.ts'

// The job ends with the run: minibatches are announced in shared memory, and the thread blocks between them.
doJobs<ShardJob, 'ready', void>(async ({ layers, recipe, images, labels, parts, memory }, { report }) => {
  const { control, done, reports } = memory
  const backend = await nodeBackend(shardMemory(layers, recipe) + 4096)
  const shard = createShard(backend, layers, recipe, { images, labels, count: labels.length })
  const { network } = shard
  const count = network.parameters.length
  const gradients = backend.arena.f32(network.gradientsAt, count)

  function computeParts(turn: number): void {
    network.parameters.set(memory.parameters)
    for (let part = parts[0]; part < parts[1]; part++) {
      const { loss, correct } = shard.run(control[1], control[2], part)
      memory.gradients.set(gradients, part * count)
      reports[2 * part] = loss
      reports[2 * part + 1] = correct
      Atomics.store(done, part, turn)
      Atomics.notify(done, part)
    }
  }

  report('ready')
  try {
    for (let turn = 0; ; ) {
      Atomics.wait(control, 0, turn)
      turn = Atomics.load(control, 0)
      if (turn < 0) return
      computeParts(turn)
    }
  } catch (error) {
    Atomics.store(control, 3, 1)
    for (let part = parts[0]; part < parts[1]; part++) Atomics.notify(done, part)
    throw error
  }
})
