/**
 * One table of kernel calls, read by the agreement tests (same bits in every backend), the gradient tests and the
 * benchmark; a few rows of it are the start-up self-test. A new kernel is a row here.
 */

import type { Kernels } from '../kernels.ts'
import type { Case, Fill, Operand } from './case.ts'

const f32 = (length: number, fill: Fill = 'normal'): Operand => ({ type: 'f32', length, fill })
const out = (length: number, fill: Fill = 'zero'): Operand => ({ type: 'f32', length, fill, output: true })

function denseCases(N: number, I: number, O: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${N}x${I}x${O} ${fill}`
  const work = N * I * O
  const x = f32(N * I, fill)
  const parameters = fill === 'ink' ? 'normal' : fill
  // the sparse forms promise the bits of the dense ones only for finite values, but agree with themselves always
  const row = (kernel: keyof Kernels, args: (Operand | number)[]): Case => ({
    kernel,
    title: `${kernel} ${shape}`,
    args,
    work,
    benchmark,
  })
  const index = (of: number): Operand => ({ type: 'index', of, N, I })
  return [
    row('denseForward', [out(N * O), x, f32(I * O, parameters), f32(O, parameters), N, I, O]),
    row('denseForwardSparse', [out(N * O), x, index(1), f32(I * O, parameters), f32(O, parameters), N, I, O]),
    row('denseBackwardInput', [out(N * I), f32(N * O, parameters), f32(I * O, parameters), N, I, O]),
    row('denseBackwardInputSparse', [
      out(N * I, fill),
      index(0),
      f32(N * O, parameters),
      f32(I * O, parameters),
      N,
      I,
      O,
    ]),
    row('denseBackwardWeight', [out(I * O, parameters), out(O, parameters), x, f32(N * O, parameters), N, I, O]),
    row('denseBackwardWeightSparse', [
      out(I * O, parameters),
      out(O, parameters),
      x,
      index(2),
      f32(N * O, parameters),
      N,
      I,
      O,
    ]),
  ]
}

function lossCases(N: number, C: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${N}x${C} ${fill}`
  const label: Operand = { type: 'label', length: N, classes: C }
  const work = N * C
  return [
    { kernel: 'softmax', title: `softmax ${shape}`, args: [out(N * C), f32(N * C, fill), N, C], work, benchmark },
    {
      kernel: 'softmaxCrossEntropy',
      title: `softmaxCrossEntropy ${shape}`,
      args: [out(N), out(N * C), f32(N * C, fill), label, N, C],
      work,
      benchmark,
    },
    {
      kernel: 'softmaxCrossEntropyBackward',
      title: `softmaxCrossEntropyBackward ${shape}`,
      args: [out(N * C), f32(N * C, fill), label, 1 / N, N, C],
      work,
      benchmark,
    },
  ]
}

function elementCases(L: number, fill: Fill, benchmark = false): Case[] {
  const shape = `${L} ${fill}`
  const work = L
  return [
    { kernel: 'exp', title: `exp ${shape}`, args: [out(L), f32(L, fill), L], work, benchmark },
    { kernel: 'log', title: `log ${shape}`, args: [out(L), f32(L, fill), L], work, benchmark },
  ]
}

function optimizerCases(L: number, fill: Fill, benchmark = false): Case[] {
  const args = [out(L, fill), out(L, fill), f32(L, fill), 0.1, 0.9, 1e-4, L]
  return [{ kernel: 'sgd', title: `sgd ${L} ${fill}`, args, work: L, benchmark }]
}

function byteCases(L: number, benchmark = false): Case[] {
  const args: Case['args'] = [out(L), { type: 'byte', length: L }, L]
  return [{ kernel: 'inputFromBytes', title: `inputFromBytes ${L}`, args, work: L, benchmark }]
}

function indexCases(N: number, I: number, fill: Fill, benchmark = false): Case[] {
  const args: Case['args'] = [{ type: 'index', of: 1, N, I, output: true }, f32(N * I, fill), N, I]
  return [{ kernel: 'sparseIndex', title: `sparseIndex ${N}x${I} ${fill}`, args, work: N * I, benchmark }]
}

/** A case or two for every kernel, small enough for an old phone to check at every start. */
export function selfTestCases(): Case[] {
  return [
    ...(['normal', 'ink', 'tiny'] as const).flatMap((fill) => denseCases(5, 9, 11, fill)),
    ...(['normal', 'tiny'] as const).flatMap((fill) => [
      ...lossCases(2, 10, fill),
      ...elementCases(67, fill),
      ...optimizerCases(7, fill),
    ]),
    ...byteCases(11),
    ...indexCases(2, 21, 'ink'),
  ]
}

/** Every case, small shapes first. */
export function allCases(): Case[] {
  const cases: Case[] = []
  for (const L of [1, 3, 4, 7, 64, 1001]) {
    for (const fill of ['normal', 'tiny', 'special', 'any'] as const) cases.push(...elementCases(L, fill))
    for (const fill of ['normal', 'tiny', 'special'] as const) cases.push(...optimizerCases(L, fill))
    cases.push(...byteCases(L))
  }
  for (const [N, I] of [
    [1, 1],
    [3, 7],
    [2, 16],
    [3, 37],
    [2, 784],
  ]) {
    for (const fill of ['ink', 'special', 'any'] as const) cases.push(...indexCases(N, I, fill))
  }
  // every remainder of every tile: rows by 8 and 4, inputs by 4 and 8, columns by 16, 12, 8 and 4
  for (const N of [1, 2, 3, 4, 5, 9]) {
    for (const [I, O] of [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
      [6, 6],
      [7, 7],
      [8, 8],
      [9, 9],
      [17, 10],
      [33, 11],
      [12, 12],
      [13, 13],
      [14, 15],
      [20, 16],
      [19, 17],
      [40, 23],
      [26, 24],
      [41, 29],
    ]) {
      for (const fill of ['normal', 'ink', 'tiny', 'special'] as const) cases.push(...denseCases(N, I, O, fill))
    }
    for (const C of [1, 2, 3, 4, 5, 8, 10, 11]) {
      for (const fill of ['normal', 'tiny', 'special'] as const) cases.push(...lossCases(N, C, fill))
    }
  }
  // the layers of the models
  cases.push(
    ...denseCases(1, 784, 10, 'ink', true),
    ...denseCases(32, 784, 10, 'ink', true),
    ...denseCases(32, 200, 128, 'normal', true),
    ...lossCases(100, 10, 'normal', true),
    ...byteCases(784, true),
    ...indexCases(1, 784, 'ink', true),
    ...elementCases(7850, 'normal', true),
    ...optimizerCases(7850, 'normal', true),
  )
  return cases
}
