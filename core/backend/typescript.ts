/** The backend in TypeScript: the twins of the WebAssembly kernels, on an ArrayBuffer. */

import { activationKernels } from '../kernels/activation.ts'
import { boostingKernels } from '../kernels/boosting.ts'
import { convKernels } from '../kernels/conv.ts'
import { convBackwardKernels } from '../kernels/conv-backward.ts'
import { denseKernels } from '../kernels/dense.ts'
import { denseBackwardKernels } from '../kernels/dense-backward.ts'
import { directionKernels } from '../kernels/direction.ts'
import { distanceKernels } from '../kernels/distance.ts'
import { dropoutKernels } from '../kernels/dropout.ts'
import { forestKernels } from '../kernels/forest.ts'
import { inputKernels } from '../kernels/input.ts'
import { lossKernels } from '../kernels/loss.ts'
import { mathKernels } from '../kernels/math.ts'
import { normalizationKernels } from '../kernels/normalization.ts'
import { optimizerKernels } from '../kernels/optimizer.ts'
import { peakKernels } from '../kernels/peak.ts'
import { poolKernels } from '../kernels/pool.ts'
import { sparseKernels } from '../kernels/sparse.ts'
import { sparseBackwardKernels } from '../kernels/sparse-backward.ts'
import { vectorKernels } from '../kernels/vector.ts'
import type { Kernels } from '../kernels.ts'
import { Arena } from './arena.ts'
import { type Backend, backendMemory, RESERVED } from './backend.ts'

/** The TypeScript kernels with an arena of at least `bytes` bytes. Never touches WebAssembly. */
export function typescriptBackend(bytes: number): Backend {
  const memory = new ArrayBuffer(backendMemory(bytes))
  const kernels: Kernels = {
    ...mathKernels(memory),
    ...inputKernels(memory),
    ...denseKernels(memory),
    ...denseBackwardKernels(memory),
    ...sparseKernels(memory),
    ...sparseBackwardKernels(memory),
    ...lossKernels(memory),
    ...optimizerKernels(memory),
    ...convKernels(memory),
    ...convBackwardKernels(memory),
    ...poolKernels(memory),
    ...activationKernels(memory),
    ...dropoutKernels(memory),
    ...normalizationKernels(memory),
    ...vectorKernels(memory),
    ...directionKernels(memory),
    ...distanceKernels(memory),
    ...forestKernels(memory),
    ...boostingKernels(memory),
    ...peakKernels(memory),
  }
  return { name: 'ts', selfTest: 'passed', kernels, arena: new Arena(memory, RESERVED) }
}
