/** The tables of speed: kernels, batches and training as `inkling bench` measures them, in Markdown. */

import { threeDigits } from '../../core/benchmark/columns.ts'
import { head, line } from '../generated-tables.ts'
import type { SpeedFigures, Times } from './figures.ts'

/** Plain JavaScript, twin, scalar, SIMD, µs; a dash for what was not measured. */
export function shownTimes({ plain, twin, scalar, simd }: Times): string[] {
  return [plain, twin, scalar, simd].map(dashed)
}

/** Three digits, or a dash for what was not measured. */
export function dashed(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : threeDigits(value)
}

/** How many times as fast as plain JavaScript, to one decimal, of the figures as they are shown. */
export function ratioToPlain(plain: number | null | undefined, time: number | null): string {
  return plain && time ? (plain / time).toFixed(1) : '–'
}

export function kernelTable({ kernels, peak }: SpeedFigures): string[] {
  return [
    ...head(
      'kernel, shape, input',
      'plain, µs',
      'twin, µs',
      'scalar, µs',
      'SIMD, µs',
      'plain / SIMD',
      `GFLOP/s, of ${threeDigits(peak)} at most`,
    ),
    ...kernels.map(({ title, times, gflops, share }) => {
      const speed = gflops === undefined ? '' : `${threeDigits(gflops)}, ${share} %`
      return line(title, ...shownTimes(times), ratioToPlain(times.plain, times.simd), speed)
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
    ...head(
      'training, on one core',
      'images of a step',
      'a step, ms',
      'plain, ms',
      'plain / SIMD',
      'an image, µs',
      '60,000 images, s',
    ),
    ...training.map(({ model, optimizer, images, step, plain, image, epoch }) => {
      const compared = [threeDigits(step), dashed(plain), ratioToPlain(plain, step)]
      return line(`${model}, ${optimizer}`, images, ...compared, ...[image, epoch].map(threeDigits))
    }),
  ]
}
