/** Cases of convolution and pooling. */

import type { Case, Fill, Operand } from '../case.ts'
import { convBackwardScratch, convScratch } from '../contract/convolution.ts'
import { f32, out } from './operands.ts'

export function convCases(
  [N, H, W, I, O, K]: readonly [number, number, number, number, number, number],
  fill: Fill,
  benchmark = false,
  S = 1,
): Case[] {
  const shape = `${N}x${H}x${W}x${I}x${O} ${K}x${K} ${fill}${S > 1 ? ` before ${S}x${S}` : ''}`
  const work = N * H * W * I * O * K * K
  const parameters = fill === 'ink' || fill === 'relu' ? 'normal' : fill
  const [x, w] = [f32(N * H * W * I, fill), f32(K * K * I * O, parameters)]
  // where pixels have one value, zeros may be multiplied too, so weights are finite
  const finite = I === 1 && fill === 'special' ? f32(K * K * O) : w
  const dy = f32(N * H * W * O, parameters === 'normal' && benchmark ? 'routed' : parameters)
  const scratch: Operand = { type: 'scratch', length: convScratch(H, W, I, O, K) }
  const backward: Operand = { type: 'scratch', length: convBackwardScratch(H, W, I, O, K) }
  const dimensions = [N, H, W, I, O, K]
  return [
    {
      kernel: 'convForward',
      title: `convForward ${shape}`,
      args: [out(N * H * W * O), x, finite, f32(O, parameters), scratch, ...dimensions, S],
      work,
      benchmark,
    },
    {
      kernel: 'convBackwardInput',
      title: `convBackwardInput ${shape}`,
      args: [out(N * H * W * I), dy, w, backward, ...dimensions],
      work,
      benchmark,
    },
    {
      kernel: 'convBackwardWeight',
      title: `convBackwardWeight ${shape}`,
      args: [out(K * K * I * O, parameters), out(O, parameters), x, dy, backward, ...dimensions],
      work,
      benchmark,
    },
  ]
}

export function poolCases(
  [N, H, W, C, S]: readonly [number, number, number, number, number],
  fill: Fill,
  benchmark = false,
): Case[] {
  const shape = `${N}x${H}x${W}x${C} ${S}x${S} ${fill}`
  const pooled = N * Math.floor(H / S) * Math.floor(W / S) * C
  const work = N * H * W * C
  const x = f32(work, fill)
  return [
    {
      kernel: 'maxPoolForward',
      title: `maxPoolForward ${shape}`,
      args: [out(pooled), { type: 'place', length: pooled, places: S * S, output: true }, x, N, H, W, C, S],
      work,
      benchmark,
    },
    {
      kernel: 'maxPoolForward',
      title: `maxPoolForward ${shape}, no places`,
      args: [out(pooled), 0, x, N, H, W, C, S],
      work,
      benchmark: false,
    },
    {
      kernel: 'maxPoolBackward',
      title: `maxPoolBackward ${shape}`,
      args: [out(work), f32(pooled, fill), { type: 'place', length: pooled, places: S * S }, N, H, W, C, S],
      work,
      benchmark,
    },
  ]
}
