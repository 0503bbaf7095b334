/** The tables of speed: kernels, batches and training as `inkling bench` measures them, in Markdown. */

import { threeDigits } from '../../server/report/benchmark-table.ts'
import { head, line } from '../generated-tables.ts'
import type { SpeedFigures, Times } from './figures.ts'

/** Twin, scalar, SIMD, µs; a dash for a backend this machine has not. */
export function threeTimes({ twin, scalar, simd }: Times): string[] {
  return [twin, scalar, simd].map((time) => (time === null ? '–' : threeDigits(time)))
}

export function kernelTable({ kernels, peak }: SpeedFigures): string[] {
  return [
    ...head(
      'kernel, shape, input',
      'twin, µs',
      'scalar, µs',
      'SIMD, µs',
      'twin / SIMD',
      `GFLOP/s, of ${threeDigits(peak)} at most`,
    ),
    ...kernels.map(({ title, times, faster, gflops, share }) => {
      const speed = gflops === undefined ? '' : `${threeDigits(gflops)}, ${share} %`
      return line(title, ...threeTimes(times), faster === null ? '–' : faster.toFixed(1), speed)
    }),
  ]
}

/** Images a second, a line for each network, a column for each size of batch. */
export function batchTable({ batches }: SpeedFigures): string[] {
  const sizes = [...new Set(batches.map(({ images }) => images))]
  const models = [...new Set(batches.map(({ model }) => model))]
  return [
    ...head('images a second, so many at once:', ...sizes.map((size) => size.toLocaleString('en'))),
    ...models.map((model) => {
      const cells = sizes.map((size) => {
        const found = batches.find((one) => one.model === model && one.images === size)
        return found ? found.perSecond.toLocaleString('en') : '–'
      })
      return line(model, ...cells)
    }),
  ]
}

export function trainingTable({ training }: SpeedFigures): string[] {
  return [
    ...head('training, on one core', 'images of a step', 'a step, ms', 'an image, µs', '60,000 images, s'),
    ...training.map(({ model, optimizer, images, step, image, epoch }) =>
      line(`${model}, ${optimizer}`, images, ...[step, image, epoch].map(threeDigits)),
    ),
  ]
}
