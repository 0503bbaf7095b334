/** A data set for knn that is learned quickly. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../../core/random.ts'

/** Writes crosses with bars at ten heights, as CSV, into a folder `crosses` and returns its path. */
export function writeCrosses(folder: string): string {
  const random = new Random(9, 0)
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const across = 8 + random.below(10)
      const pixels = Array.from({ length: 784 }, (_, p) => {
        const [row, column] = [Math.floor(p / 28), p % 28]
        const upright = row >= 3 && row < 25 && Math.abs(column - across) < 2
        const lying = column >= 4 && column < 24 && Math.abs(row - 4 - 2 * (i % 10)) < 2
        return upright || lying ? 180 + random.below(70) : 0
      })
      return `${i % 10},${pixels.join()}\n`
    }).join('')
  const path = join(folder, 'crosses')
  mkdirSync(path)
  writeFileSync(join(path, 'train.csv'), rows(600))
  writeFileSync(join(path, 'test.csv'), rows(100))
  return path
}
