/** The tables of speed: kernels, batches and training as `inkling bench` measures them, in Markdown. */

import type { BenchmarkReport, BenchmarkTimes } from '../../core/protocol.ts'
import { threeDigits } from '../../server/report/benchmark-table.ts'

/** TypeScript, scalar, SIMD, µs; a dash for a backend this machine has not. */
export function threeTimes({ ts, scalar, simd }: BenchmarkTimes): string[] {
  return [ts, scalar, simd].map((time) => (time ? threeDigits(time.median) : '–'))
}

export function kernelTable({ kernels, peak }: BenchmarkReport): string[] {
  return [
    `| kernel, shape, input | TypeScript, µs | scalar, µs | SIMD, µs | TypeScript / SIMD | GFLOP/s, of ${threeDigits(peak.simd ?? 0)} at most |`,
    '|---|--:|--:|--:|--:|--:|',
    ...kernels.map(({ title, times, gflops, share }) => {
      const ratio = times.ts && times.simd ? (times.ts.median / times.simd.median).toFixed(1) : '–'
      const speed =
        gflops === undefined || share === undefined ? '' : `${threeDigits(gflops)}, ${(share * 100).toFixed(0)} %`
      return `| ${[title, ...threeTimes(times), ratio, speed].join(' | ')} |`
    }),
  ]
}

/** Images a second, a line for each network, a column for each size of batch. */
export function batchTable({ batches }: BenchmarkReport): string[] {
  const sizes = [...new Set(batches.map(({ images }) => images))]
  const models = [...new Set(batches.map(({ model }) => model))]
  return [
    `| images a second, so many at once: | ${sizes.map((size) => size.toLocaleString('en')).join(' | ')} |`,
    `|---|${'--:|'.repeat(sizes.length)}`,
    ...models.map((model) => {
      const cells = sizes.map((size) => {
        const found = batches.find((one) => one.model === model && one.images === size)
        return found ? rounded(found.perSecond) : '–'
      })
      return `| ${[model, ...cells].join(' | ')} |`
    }),
  ]
}

export function trainingTable({ training }: BenchmarkReport): string[] {
  return [
    '| training, on one core | images of a step | a step, ms | an image, µs | 60,000 images, s |',
    '|---|--:|--:|--:|--:|',
    ...training.map(({ model, optimizer, images, time, perImage }) => {
      const cells = [images, threeDigits(time.median / 1000), threeDigits(perImage), threeDigits(perImage * 0.06)]
      return `| ${[`${model}, ${optimizer}`, ...cells].join(' | ')} |`
    }),
  ]
}

// To three digits, as nobody compares the fourth.
function rounded(perSecond: number): string {
  return Number(perSecond.toPrecision(3)).toLocaleString('en')
}
