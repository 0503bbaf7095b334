/** The table of docs/benchmarks.md: the main kernels in plain JavaScript and with SIMD, by time on x86-64 and by instructions on 32-bit ARM. */

import { COUNTED } from '../../core/benchmark/columns.ts'
import { head, line } from '../generated-tables.ts'
import { armCounts } from './arm.ts'
import type { SpeedFigures } from './figures.ts'
import { dashed, ratioToPlain } from './speed.ts'

const SHOWN = [
  'denseForward 1x784x200 ink',
  'denseForwardSparse 1x784x200 ink',
  'denseForward 32x200x128 normal',
  'denseBackwardInput 32x784x200 ink',
  'denseBackwardWeight 32x784x200 ink',
  'convForward 1x14x14x32x64 3x3 relu',
  'convBackwardInput 1x14x14x32x64 3x3 relu',
  'convBackwardWeight 1x14x14x32x64 3x3 relu',
  'softmax 100x10 normal',
  'adam 7850 normal',
  'distances 4000x200',
]

export function devicesText({ at, machine, kernels }: SpeedFigures): string {
  const counts = armCounts()
  return [
    `x86-64: µs of one call, \`npm run results\` on ${at}, ${machine}. 32-bit ARM: instructions for each multiply-add`,
    `or value, \`npm run test:arm\`, Cortex-A15, Node 24. ${COUNTED}`,
    '',
    ...head(
      'kernel, shape, input',
      'x86-64: plain',
      'SIMD',
      'plain / SIMD',
      '32-bit ARM: plain',
      'SIMD',
      'plain / SIMD',
    ),
    ...SHOWN.map((title) => {
      const times = kernels.find((one) => one.title === title)?.times
      const count = counts[title]
      return line(title, ...compared(times?.plain, times?.simd), ...compared(count?.plain, count?.simd))
    }),
  ].join('\n')
}

function compared(plain: number | null | undefined, simd: number | null | undefined): string[] {
  return [dashed(plain), dashed(simd), ratioToPlain(plain, simd ?? null)]
}
