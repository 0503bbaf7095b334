/** Images for benchmarks, which need no data set: ten drawn digits and any number of variants of them. */

import { createAugmenter } from '../augment/augment.ts'
import { PIXELS } from '../data/dataset.ts'
import { preprocess } from '../preprocess.ts'
import type { Strokes } from '../protocol.ts'
import { rasterizeStrokes } from '../strokes.ts'

// The digits 0 to 9, in any unit, y pointing down.
const DRAWN: readonly Strokes[] = [
  [
    [
      [5, 0],
      [2, 1],
      [0, 4],
      [0, 7],
      [2, 10],
      [4, 10],
      [6, 8],
      [7, 4],
      [6, 1],
      [4, 0],
    ],
  ],
  [
    [
      [2, 2],
      [4, 0],
      [4, 10],
    ],
  ],
  [
    [
      [0, 2],
      [2, 0],
      [5, 0],
      [6, 2],
      [5, 5],
      [0, 10],
      [7, 10],
    ],
  ],
  [
    [
      [0, 1],
      [3, 0],
      [6, 1],
      [6, 3],
      [3, 5],
      [6, 6],
      [6, 9],
      [3, 10],
      [0, 9],
    ],
  ],
  [
    [
      [2, 0],
      [0, 6],
      [6, 6],
    ],
    [
      [5, 3],
      [4, 10],
    ],
  ],
  [
    [
      [6, 0],
      [1, 0],
      [1, 4],
      [4, 4],
      [6, 6],
      [5, 9],
      [2, 10],
      [0, 9],
    ],
  ],
  [
    [
      [5, 0],
      [2, 3],
      [0, 7],
      [2, 10],
      [5, 9],
      [5, 6],
      [3, 5],
      [1, 7],
    ],
  ],
  [
    [
      [0, 0],
      [6, 0],
      [4, 5],
      [2, 10],
    ],
  ],
  [
    [
      [3, 5],
      [0, 3],
      [2, 0],
      [5, 1],
      [4, 4],
      [1, 6],
      [0, 9],
      [3, 10],
      [5, 8],
      [3, 5],
    ],
  ],
  [
    [
      [5, 2],
      [2, 0],
      [0, 3],
      [2, 5],
      [5, 3],
      [5, 2],
      [5, 6],
      [3, 10],
    ],
  ],
]

const SEED = 0xbe7c

/** How handwriting varies. */
const VARIETY = { shift: 1, rotate: 12, scale: 0.1, shear: 0.2, thickness: 0.7 }

/** Preprocessed images, [count, 784]: digits 0 to 9 in turn, all different, the same in every call. */
export function drawnDigits(count: number): Uint8Array {
  const digits = DRAWN.map((strokes) => preprocess(rasterizeStrokes(strokes)))
  const vary = createAugmenter(VARIETY)
  const images = new Uint8Array(count * PIXELS)
  for (let i = 0; i < count; i++) {
    vary(images.subarray(i * PIXELS, (i + 1) * PIXELS), digits[i % digits.length], SEED, 0, i)
  }
  return images
}
