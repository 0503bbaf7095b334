/**
 * Whether what strangers taught moves the border between two digits, and which of their lessons may have: lies of a pair, such as
 * "4 taught as 9", turn many of the 4s that look a little like a 9; honest lessons turn few.
 */

import { CLASSES } from '../data/dataset.ts'
import type { Judgement } from '../models/verdict.ts'
import type { BorderDigits } from './border.ts'
import { type Correction, NOT_A_DIGIT } from './round.ts'

/** Share of a pair's digits that may turn beyond the first, of at least so many: few digits say little. Found by simulation. */
const [TURNED, LEAST_DIGITS] = [0.12, 12]

/** @returns 1 where a digit at a border is answered rightly and not turned away, else 0 */
export function borderAnswer(label: number, { digit, verdict }: Pick<Judgement, 'digit' | 'verdict'>): number {
  return digit === label && verdict !== 'not-a-digit' ? 1 : 0
}

/**
 * Pairs of which a candidate turns more digits than it may, as digit * 10 + rival.
 * @param shipped by `borderAnswer`, of each digit
 * @param candidate likewise
 */
export function movedBorders(
  { labels, rivals }: Pick<BorderDigits, 'labels' | 'rivals'>,
  shipped: Uint8Array,
  candidate: Uint8Array,
): Set<number> {
  const [turned, all] = [new Uint32Array(CLASSES * CLASSES), new Uint32Array(CLASSES * CLASSES)]
  for (const [i, label] of labels.entries()) {
    const pair = label * CLASSES + rivals[i]
    all[pair]++
    if (shipped[i] > candidate[i]) turned[pair]++
  }
  const tooMany = (pair: number) => turned[pair] - 1 > TURNED * Math.max(LEAST_DIGITS, all[pair])
  return new Set([...turned.keys()].filter(tooMany))
}

/** A correction that is learned from, and the digit that the shipped model takes it for. */
export interface Taught extends Pick<Correction, 'label' | 'fromOwner'> {
  readonly answer: number // 0..9
}

/** Whether each lesson is a stranger's that calls a digit its rival in one of these pairs, or no digit. @param pairs as `movedBorders` gives them */
export function ofMovedPairs(taught: readonly Taught[], pairs: ReadonlySet<number>): boolean[] {
  const digits = new Set([...pairs].map((pair) => Math.floor(pair / CLASSES)))
  return taught.map(({ answer, label, fromOwner }) => {
    return !fromOwner && (label === NOT_A_DIGIT ? digits.has(answer) : pairs.has(answer * CLASSES + label))
  })
}

/** Whether each lesson is a stranger's with the label of a rival; where there is none, whether it is a stranger's. */
export function ofMovedRivals(taught: readonly Taught[], pairs: ReadonlySet<number>): boolean[] {
  const rivals = new Set([...pairs].map((pair) => pair % CLASSES))
  const found = taught.map(({ label, fromOwner }) => !fromOwner && rivals.has(label))
  return found.includes(true) ? found : ofStrangers(taught)
}

export function ofStrangers(taught: readonly Taught[]): boolean[] {
  return taught.map(({ fromOwner }) => !fromOwner)
}
