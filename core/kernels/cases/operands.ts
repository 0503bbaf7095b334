/** Short forms for the operands of the case table. */

import type { Fill, Operand } from '../case.ts'

/** An input of f32 values. */
export const f32 = (length: number, fill: Fill = 'normal'): Operand => ({ type: 'f32', length, fill })

/** An output, compared between backends; `fill` is what it holds before, where a kernel accumulates. */
export const out = (length: number, fill: Fill = 'zero'): Operand => ({ type: 'f32', length, fill, output: true })

/** Contents that belong together, such as a tree. They are made when a case is first laid out, because that takes long. */
export function given(make: () => Int32Array | Int16Array | Uint16Array | Uint8Array): Operand {
  let bytes: Uint8Array | undefined
  return {
    type: 'given',
    bytes: () => {
      bytes ??= new Uint8Array(make().buffer)
      return bytes
    },
  }
}
