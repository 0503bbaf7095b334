/**
 * One table of kernel calls, read by the agreement tests (same bits in every backend), the gradient tests and the
 * benchmark; a few rows of it are the start-up self-test. A new kernel is a row in a file of `cases/`.
 */

import type { Case } from './case.ts'
import { histogramCases, scoreCases } from './cases/boosting.ts'
import { convCases, poolCases } from './cases/conv.ts'
import { denseCases } from './cases/dense.ts'
import { directionCases, distanceCases, nearestCases } from './cases/distance.ts'
import { elementCases, optimizerCases, vectorCases } from './cases/element.ts'
import { splitCases, voteCases } from './cases/forest.ts'
import { byteCases, indexCases, sparseByteCases } from './cases/input.ts'
import { activationCases, dropoutCases, normalizationCases } from './cases/layer.ts'
import { lossCases } from './cases/loss.ts'
import { peakCases } from './cases/peak.ts'

/** A case or two for every kernel, small enough for an old phone to check at every start. */
export function selfTestCases(): Case[] {
  return [
    ...(['normal', 'ink', 'tiny'] as const).flatMap((fill) => denseCases(5, 9, 11, fill)),
    ...(['normal', 'tiny'] as const).flatMap((fill) => [
      ...lossCases(2, 10, fill),
      ...elementCases(67, fill),
      ...optimizerCases(7, fill),
      ...convCases([1, 3, 4, 5, 9, 3], fill),
      ...poolCases([1, 5, 4, 5, 2], fill),
      ...activationCases(7, fill),
      ...vectorCases(7, fill),
      ...dropoutCases(2, 7, fill),
      ...normalizationCases(5, 7, fill),
    ]),
    ...byteCases(11),
    ...indexCases(2, 21, 'ink'),
    ...sparseByteCases(2, 21),
    ...directionCases(),
    ...distanceCases(7, 21),
    ...nearestCases(21, 3),
    ...splitCases(21, 3, 2, 17, 5),
    ...voteCases(2, 9, 3, 7, 10),
    ...histogramCases(9, 5, 3, 17),
    ...scoreCases(2, 9, 7, 6, 3),
    ...peakCases(67, 3, 'normal'),
  ]
}

/** Every case, small shapes first. */
export function allCases(): Case[] {
  const cases: Case[] = []
  for (const L of [1, 3, 4, 7, 64, 1001]) {
    for (const fill of ['normal', 'tiny', 'special', 'any'] as const) cases.push(...elementCases(L, fill))
    for (const fill of ['normal', 'tiny', 'special'] as const) {
      cases.push(...optimizerCases(L, fill), ...activationCases(L, fill), ...vectorCases(L, fill))
    }
    for (const fill of ['normal', 'tiny', 'special'] as const) cases.push(...peakCases(L, 9, fill))
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
    for (const ink of [true, false]) cases.push(...sparseByteCases(N, I, ink))
  }
  // every remainder of every tile: rows by 8 and 4, inputs by 4 and 8, columns by 16, 12, 8 and 4 (by 32: below)
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
  // every remainder of the tiles: pixels by 4, outputs and inputs by 8, taps by 4
  for (const [H, W] of [
    [1, 1],
    [2, 3],
    [5, 1],
    [4, 4],
    [3, 6],
  ]) {
    for (const [I, O] of [
      [1, 1],
      [1, 8],
      [2, 5],
      [3, 9],
      [4, 16],
      [5, 7],
      [9, 3],
      [8, 12],
      [2, 37],
    ]) {
      for (const fill of ['normal', 'ink', 'tiny', 'special'] as const) {
        cases.push(...convCases([2, H, W, I, O, 3], fill))
        if (I < 4) cases.push(...convCases([1, H, W, I, O, 1], fill), ...convCases([1, H, W, I, O, 5], fill))
      }
    }
    for (const C of [1, 3, 4, 6, 9]) {
      for (const fill of ['normal', 'tiny', 'special'] as const) {
        for (const S of [1, 2, 3]) if (S <= H && S <= W) cases.push(...poolCases([2, H, W, C, S], fill))
        cases.push(...dropoutCases(H, C, fill), ...normalizationCases(H * W, C, fill))
      }
    }
  }
  // tiles of six and nine vectors, panels of weights, and a pooling that leaves rows and columns over
  for (const [I, O, S] of [
    [3, 24, 1],
    [2, 36, 1],
    [5, 128, 1],
    [1, 16, 2],
    [1, 5, 3],
    [3, 24, 2],
    [2, 37, 3],
    [5, 128, 2],
  ]) {
    for (const fill of ['normal', 'tiny', 'special'] as const) {
      cases.push(...convCases([2, 5, 7, I, O, 3], fill, false, S))
    }
  }
  // every remainder of both tiles: references by 4, bytes by 16, 8 and 1; and long rows
  for (const L of [513, 525, 784]) cases.push(...distanceCases(6, L))
  for (const R of [1, 2, 3, 4, 5, 6, 7, 9]) {
    for (const L of [1, 5, 7, 8, 9, 15, 16, 20, 200]) cases.push(...distanceCases(R, L))
    for (const k of [1, 2, 5]) if (k <= R) cases.push(...nearestCases(R, k), ...nearestCases(R + 32, k))
  }
  for (const [L, F, K, n] of [
    [1, 2, 1, 1],
    [2, 2, 2, 2],
    [9, 5, 3, 4],
    [50, 4, 4, 50],
    [300, 7, 6, 1000],
  ]) {
    for (const levels of [1, 2, 7, 16]) cases.push(...splitCases(L, F, K, n, levels))
  }
  for (const [N, F, T, size, C] of [
    [1, 1, 1, 1, 1],
    [3, 7, 2, 5, 3],
    [2, 200, 9, 300, 10],
    [5, 256, 4, 40, 11],
  ]) {
    cases.push(...voteCases(N, F, T, size, C))
  }
  for (const [L, F, K, n] of [
    [1, 1, 1, 1],
    [5, 3, 3, 2],
    [40, 200, 7, 90],
    [300, 256, 200, 1000],
  ]) {
    cases.push(...histogramCases(L, F, K, n))
  }
  for (const [N, F, T, size, C] of [
    [1, 1, 1, 1, 1],
    [3, 7, 5, 5, 2],
    [2, 200, 33, 128, 11],
    [5, 256, 12, 40, 12],
  ]) {
    cases.push(...scoreCases(N, F, T, size, C))
  }
  // more rows than a group has, and columns that do not fill a panel
  for (const fill of ['normal', 'ink', 'tiny', 'special'] as const) {
    cases.push(...denseCases(33, 5, 35, fill), ...denseCases(259, 3, 33, fill), ...denseCases(9, 1030, 44, fill))
    // tiles of ten and twelve vectors in the sparse kernels, alone and before others, over several blocks of weights
    cases.push(...denseCases(5, 170, 45, fill), ...denseCases(6, 145, 53, fill), ...denseCases(4, 9, 80, fill))
    // more rows, or outputs, than a panel holds, in the backward kernels
    cases.push(...denseCases(5, 13, 300, fill), ...denseCases(260, 19, 17, fill))
  }
  // the layers of the models
  cases.push(
    ...denseCases(1, 784, 10, 'ink', true),
    ...denseCases(32, 784, 10, 'ink', true),
    ...denseCases(32, 200, 128, 'normal', true),
    ...denseCases(1, 784, 200, 'ink', true),
    ...denseCases(32, 784, 200, 'ink', true),
    ...denseCases(32, 1568, 128, 'normal', true),
    ...lossCases(100, 10, 'normal', true),
    ...byteCases(784, true),
    ...indexCases(1, 784, 'ink', true),
    ...sparseByteCases(1, 784, true, true),
    ...elementCases(7850, 'normal', true),
    ...optimizerCases(7850, 'normal', true),
    ...convCases([1, 28, 28, 1, 32, 3], 'ink', true),
    ...convCases([1, 14, 14, 32, 64, 3], 'relu', true),
    ...convCases([1, 7, 7, 64, 128, 3], 'relu', true),
    ...convCases([1, 4, 5, 17, 32, 3], 'normal'),
    ...convCases([1, 4, 5, 35, 9, 3], 'special'),
    ...poolCases([1, 28, 28, 32, 2], 'normal', true),
    ...activationCases(6272, 'normal', true),
    ...vectorCases(6272, 'normal', true),
    ...dropoutCases(1, 6272, 'normal', true),
    ...dropoutCases(3, 37, 'normal'),
    ...dropoutCases(2, 67, 'special'),
    ...normalizationCases(100, 300, 'normal', true),
    ...directionCases(true),
    ...distanceCases(4000, 200, true),
    ...nearestCases(4000, 5, true),
    ...splitCases(6000, 14, 14, 1000, 16, true),
    ...voteCases(1, 200, 100, 3000, 10, true),
    ...histogramCases(6000, 200, 100, 1000, true),
    ...scoreCases(1, 200, 1650, 30, 11, true),
    ...peakCases(16, 10_000, 'normal', true),
  )
  return cases
}
