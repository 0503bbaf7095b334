/** Short forms for the operands of the case table. */

import type { Fill, Operand } from '../case.ts'

/** An input of f32 values. */
export const f32 = (length: number, fill: Fill = 'normal'): Operand => ({ type: 'f32', length, fill })

/** An output, compared between backends; `fill` is what it holds before, where a kernel accumulates. */
export const out = (length: number, fill: Fill = 'zero'): Operand => ({ type: 'f32', length, fill, output: true })
