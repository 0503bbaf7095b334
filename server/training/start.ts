/** One training run from beginning to end, for models of any type: data, interruptions, the trainer of the type. */

import { setImmediate } from 'node:timers/promises'
import type { ModelSpec } from '../../core/models/spec.ts'
import { loadTrainingData } from './data.ts'
import { commandLine, dataNames } from './options.ts'
import { runProgress } from './progress.ts'
import type { RunContext, RunResult, TrainingData } from './run.ts'

/** Time of work after which a pause lets the event loop handle signals and timers, ms. */
const WORK = 50

export interface RunSettings {
  readonly paths?: readonly string[] // of the sets of the recipe; unless given, they are below dataDir under their names
  readonly dataDir: string
  readonly out: string
  readonly checkpoint: string
  readonly fresh: boolean
  readonly threads: number
  /** Checks the data before the run begins, and may throw. */
  readonly inspect?: (data: TrainingData) => void
}

/**
 * Trains a model by its own recipe.
 * @returns undefined when it was interrupted: there may be a checkpoint to resume from
 */
export async function runTraining(
  spec: ModelSpec,
  { paths = dataNames(spec), dataDir, inspect, ...settings }: RunSettings,
): Promise<{ result: RunResult; data: TrainingData } | undefined> {
  let interrupted = false
  const interrupt = () => {
    if (interrupted) process.exit(130)
    interrupted = true
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const progress = runProgress()
  let paused = performance.now()
  const context: RunContext = {
    ...settings,
    command: commandLine(spec),
    progress,
    interrupted: () => interrupted,
    async pause() {
      if (performance.now() - paused < WORK) return
      await setImmediate()
      paused = performance.now()
    },
  }
  try {
    const { seed, validation } = spec.recipe
    const data = await loadTrainingData(paths, validation, seed, dataDir, progress.note)
    inspect?.(data)
    const result = await train(spec, data, context)
    return result && { result, data }
  } finally {
    progress.stop()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

// Only the trainer of the type is loaded.
async function train(spec: ModelSpec, data: TrainingData, context: RunContext): Promise<RunResult | undefined> {
  switch (spec.type) {
    case 'network':
      return (await import('./network.ts')).trainNetwork(spec, spec.recipe, data, context)
    case 'neighbours':
      return (await import('./neighbours.ts')).trainNeighbours(spec, spec.recipe, data, context)
    case 'forest':
      return (await import('./forest.ts')).trainForest(spec, spec.recipe, data, context)
    case 'boosted':
      return (await import('./boosted.ts')).trainBoosted(spec, spec.recipe, data, context)
  }
}
