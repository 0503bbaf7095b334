/**
 * Somebody who wants a digit to be answered wrongly. They know the weights, the rules and the gate, choose lies among drawings that
 * people really drew, as they are or slanted, thickened and scaled, of the pair of digits and the number of lies that do most harm.
 */

import { createAugmenter } from '../../core/augment/augment.ts'
import { PIXELS } from '../../core/data/dataset.ts'
import { openModel } from '../../core/learning/believed-corrections.ts'
import { isPlausible } from '../../core/learning/plausibility.ts'
import type { ReplaySet } from '../../core/learning/replay-set.ts'
import type { Correction, RoundResult } from '../../core/learning/round.ts'
import type { Teachers } from '../../core/learning/teachers.ts'
import type { LabelledImages } from '../../core/models/evaluation.ts'
import { digitProbabilities } from '../../core/models/verdict.ts'
import { nodeBackends } from '../../server/backend.ts'
import { lostByWorstClass } from './crowd.ts'
import { correctionFor, type SimulatedModel } from './world.ts'

/** Drawings that the attacker chooses from. */
const DRAWINGS = 3500

/** Variants of each that are tried; the first is the drawing itself. */
const VARIANTS = 10

/** Numbers of lies that are tried. */
const LIES = [1, 2, 3, 5, 10, 30, 100, 240]

/** Lies of one network in a day. */
const PER_NETWORK = 30

/** Pairs of digits that are tried, those with the most plausible lies. */
const PAIRS = 12

/** Honest corrections among which lies are hidden, and networks that they come from. */
const [HONEST, HONEST_NETWORKS] = [40, 4]

const VARIED = { shift: 0, rotate: 12, scale: 0.15, shear: 0.25, elastic: 0, thickness: 0.7 }

/** Attacks that are simulated. */
export const ATTACKS: readonly Attack[] = [
  { networks: 1, honest: false, teachers: 'agreed' },
  { networks: 8, honest: false, teachers: 'agreed' },
  { networks: 1, honest: true, teachers: 'agreed' },
  { networks: 8, honest: true, teachers: 'agreed' },
]

/** Attacks that are repeated with further seeds: those that did most harm with the first. */
const REPEATED = 3

export interface Attack {
  readonly networks: number
  readonly honest: boolean // among honest corrections
  readonly teachers: Teachers
}

/** The attack that did most harm, and how much, in points. */
export interface AttackResult extends Attack {
  readonly lies: number
  readonly pair: string // such as '4 as 9'
  readonly worstDigit: number // of the drawings of other people
  readonly mnist: number
  readonly worstMnistDigit: number
  readonly learned: number // lies that were learned from
  readonly tried: number // attacks
}

/** Lies that are told together. */
interface Plan {
  readonly name: string
  readonly chosen: readonly (Lie & { readonly label: number })[]
}

interface Lie {
  readonly input: Uint8Array
  readonly probability: number // of the false label
}

export async function createAttacker(
  model: SimulatedModel,
  source: LabelledImages,
  drawings: LabelledImages,
  mnist: LabelledImages,
  replaySet: ReplaySet,
) {
  const backends = await nodeBackends()
  const own = openModel(backends, model.shipped)
  const others = model.opinions.filter(({ card }) => card.type === 'network').map((files) => openModel(backends, files))
  const augment = createAugmenter(VARIED)
  const before = { drawings: model.answer(model.shipped, drawings), mnist: model.answer(model.shipped, mnist) }

  // by digit * 10 + label, the most probable first
  const lies: Lie[][] = Array.from({ length: 100 }, () => [])
  for (let i = 0; i < DRAWINGS; i++) {
    for (let variant = 0; variant < VARIANTS; variant++) {
      const input = Uint8Array.from(source.images.subarray(i * PIXELS, (i + 1) * PIXELS))
      if (variant > 0) augment(input, source.images.subarray(i * PIXELS, (i + 1) * PIXELS), variant, 1, i)
      const scores = own.scores(input).slice()
      const probabilities = digitProbabilities(scores)
      const digit = source.labels[i]
      if (variant === 0 && probabilities[digit] > 0.9999) break // whatever is done to it
      const opinions = others.map((one) => one.scores(input))
      for (let label = 0; label < 10; label++) {
        if (label === digit || !isPlausible(label, scores, opinions)) continue
        lies[digit * 10 + label].push({ input, probability: probabilities[label] })
      }
    }
  }
  for (const list of lies) list.sort((a, b) => b.probability - a.probability)
  const pairs = [...lies.keys()].sort((a, b) => lies[b].length - lies[a].length).slice(0, PAIRS)

  /**
   * The most harmful of many attacks.
   * @param seeds of the rounds: all attacks are tried with the first, the most harmful with each
   */
  function worst({ networks, honest, teachers }: Attack, seeds: number): AttackResult {
    const truths = honest
      ? Array.from({ length: HONEST }, (_, k) => correctionFor(source, DRAWINGS + k, k % HONEST_NETWORKS))
      : []
    const attempt = ({ name, chosen }: Plan, seed: number): AttackResult => {
      const told = chosen.map(
        ({ input, label }, k): Correction => ({ input, label, clientNetwork: 1000 + (k % networks), fromOwner: false }),
      )
      const result = model.round([...truths, ...told], replaySet, seed, teachers)
      return measured(result, { networks, honest, teachers, pair: name, lies: told.length }, truths.length)
    }
    const all = plans(networks * PER_NETWORK)
    const first = all.map((plan) => ({ plan, result: attempt(plan, 1) }))
    first.sort((a, b) => a.result.worstDigit - b.result.worstDigit || b.result.learned - a.result.learned)
    const results = first.map(({ result }) => result)
    for (const { plan } of first.slice(0, REPEATED)) {
      for (let seed = 2; seed <= seeds; seed++) results.push(attempt(plan, seed))
    }
    const most = results.reduce((a, b) => (b.worstDigit < a.worstDigit ? b : a))
    return { ...most, mnist: Math.min(...results.map(({ mnist: moved }) => moved)), tried: results.length }
  }

  /** Lies to tell: of one pair the most or the least probable ones, as many as that; or a few of every pair. */
  function plans(most: number): Plan[] {
    const of = (pair: number, list: readonly Lie[]) => list.map((lie) => ({ ...lie, label: pair % 10 }))
    const ofPairs = pairs.flatMap((pair) =>
      LIES.filter((count) => count <= Math.min(most, lies[pair].length)).flatMap((count) => {
        const name = `${Math.floor(pair / 10)} as ${pair % 10}`
        return [
          { name, chosen: of(pair, lies[pair].slice(0, count)) },
          { name, chosen: of(pair, lies[pair].slice(-count)) },
        ]
      }),
    )
    const ofAll = [1, 2, 3].map((each) => {
      return { name: `${each} of each`, chosen: pairs.flatMap((pair) => of(pair, lies[pair].slice(0, each))) }
    })
    return [...ofPairs, ...ofAll.filter(({ chosen }) => chosen.length <= most)]
  }

  function measured(
    { candidate, verdicts }: RoundResult,
    about: Attack & Pick<AttackResult, 'pair' | 'lies'>,
    truths: number,
  ): AttackResult {
    const learned = verdicts.slice(truths).filter((verdict) => verdict === 'learned').length
    if (!candidate) return { ...about, worstDigit: 0, mnist: 0, worstMnistDigit: 0, learned: 0, tried: 1 }
    const after = { drawings: model.answer(candidate, drawings), mnist: model.answer(candidate, mnist) }
    return {
      ...about,
      worstDigit: Math.min(0, lostByWorstClass(before.drawings, after.drawings)),
      mnist: 100 * (after.mnist.accuracy - before.mnist.accuracy),
      worstMnistDigit: lostByWorstClass(before.mnist, after.mnist),
      learned,
      tried: 1,
    }
  }

  return { worst, plausible: lies.reduce((sum, list) => sum + list.length, 0) }
}
