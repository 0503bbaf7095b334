/**
 * What is asked about a trained head of a network: whether it moves borders between digits, and the gate, on points of the straight line
 * from the shipped weights to the trained ones (Wortsman et al. 2022).
 */

import type { Backend, BackendFactory } from '../backend/backend.ts'
import { CLASSES, OTHER, PIXELS } from '../data/dataset.ts'
import { SNAP } from '../kernels.ts'
import { createNetwork, networkMemory } from '../models/network.ts'
import { type Judgement, judge } from '../models/verdict.ts'
import type { GateTry } from '../protocol.ts'
import type { BorderDigits } from './border.ts'
import { borderAnswer, movedBorders } from './border-check.ts'
import { countAnswer, emptyTally, gateReport } from './gate.ts'
import { type Cut, createTrunk, headParameters, trunkMemory } from './network-cut.ts'
import type { ReplaySet } from './replay-set.ts'
import type { CachedFeatures } from './round.ts'

/** Shares of the way from shipped to trained weights that the gate decides on, the farthest first. */
const SHARES = [1, 0.85, 0.7, 0.5, 0.35, 0.25]

/** Images evaluated per call of `advance`. */
const BATCH = 50

export interface NetworkGate {
  /**
   * Evaluates the next images, and returns undefined. When all are done, returns the decision on one point per call, the
   * farthest first, until one passes; after that all decisions.
   */
  advance(): GateTry | { readonly tries: readonly GateTry[] } | undefined
}

/** Shares of it at which borders between digits may be where they were. */
const BORDER_SHARES = [1, 0.7, 0.5]

// All points answer each image at once, so that it goes through the trunk once.
export function createGate(
  backends: BackendFactory,
  cut: Cut,
  whole: Float32Array,
  trained: Float32Array,
  sure: number,
  replaySet: Pick<ReplaySet, 'name' | 'gate' | 'others'>,
  cache: CachedFeatures | undefined,
  farthest: number, // share that borders allow
): NetworkGate {
  const { features } = cut
  const { name, gate: set } = replaySet
  const backend = backends.create(trunkMemory(cut, BATCH) + networkMemory(cut.head, BATCH, false) + 4096)
  const trunk = createTrunk(backend, cut, whole, BATCH)
  const head = createNetwork(backend, cut.head, BATCH, false)
  const shipped = headParameters(cut, whole)
  const shares = SHARES.filter((share) => share <= farthest)
  const points = [shipped, ...shares.map((share) => pointBetween(shipped, trained, share))]
  const others = head.outputs > CLASSES ? replaySet.others?.gate : undefined
  const count = set.count + (others?.length ?? 0) / PIXELS
  const tallies = points.map(() => emptyTally(head.outputs))
  const finite = points.every((parameters) => parameters.every(Number.isFinite))
  const tries: GateTry[] = []
  const cached = cache?.gate
  const gateFeatures = cached ?? new Float32Array((cache ? count : BATCH) * features)
  let done = 0 // images

  return {
    advance() {
      if (!finite) return { tries }
      if (done < count) {
        // digits first, then what is none
        const [images, from, end] =
          done < set.count ? [set.images, 0, set.count] : [others ?? set.images, set.count, count]
        const n = Math.min(BATCH, end - done)
        const at = (cache ? done : 0) * features
        const batch = images.subarray((done - from) * PIXELS, (done - from + n) * PIXELS)
        if (!cached) gateFeatures.set(trunk.features(batch, n), at)
        const values = gateFeatures.subarray(at, at + n * features)
        for (const [k, parameters] of points.entries()) {
          head.parameters.set(parameters)
          for (const [i, answer] of answerAll(backend, head, values, n, sure).entries()) {
            countAnswer(tallies[k], done < set.count ? set.labels[done + i] : OTHER, answer)
          }
        }
        done += n
        if (cache && done === count) cache.gate = gateFeatures
        return undefined
      }
      if (tries.length === shares.length || tries.some(({ gate }) => gate.passed)) return { tries }
      const report = gateReport(name, tallies[0], tallies[tries.length + 1])
      const tried = { share: shares[tries.length], gate: report }
      tries.push(tried)
      return tried
    },
  }
}

function answerAll(
  { arena }: Backend,
  head: ReturnType<typeof createNetwork>,
  features: Float32Array,
  n: number,
  sure: number,
): Judgement[] {
  arena.f32(head.inputsAt, features.length).set(features)
  head.forwardValues(n)
  const { outputs } = head
  if (outputs > CLASSES) head.toProbabilities(n) // verdicts need them, the most probable digit does not
  const scores = arena.f32(head.outputsAt, n * outputs)
  return Array.from({ length: n }, (_, i) => judge(scores.subarray(i * outputs, (i + 1) * outputs), sure))
}

/** The point at this share of the straight line, rounded to f32 after each operation; tiny values become 0. */
export function pointBetween(from: Float32Array, to: Float32Array, share: number): Float32Array<ArrayBuffer> {
  const factor = Math.fround(share)
  const point = new Float32Array(from.length)
  for (let i = 0; i < from.length; i++) {
    const moved = Math.fround(from[i] + Math.fround(Math.fround(to[i] - from[i]) * factor))
    point[i] = Math.abs(moved) < SNAP ? 0 : moved
  }
  return point
}

export interface BorderCheck {
  /** Asks about the next digits; false when all are done. */
  advance(): boolean
  /** Pairs of digits that the trained head moves, as `movedBorders` gives them. */
  moved(): Set<number>
  /** The farthest share of the way to it at which no border is moved; undefined where there is none. */
  share(): number | undefined
}

/** @param trained parameters of the head */
export function createBorderCheck(
  backends: BackendFactory,
  cut: Cut,
  whole: Float32Array,
  trained: Float32Array,
  sure: number,
  border: BorderDigits,
): BorderCheck {
  const { images, labels } = border
  const backend = backends.create(trunkMemory(cut, BATCH) + networkMemory(cut.head, BATCH, false) + 4096)
  const trunk = createTrunk(backend, cut, whole, BATCH)
  const head = createNetwork(backend, cut.head, BATCH, false)
  const shipped = headParameters(cut, whole)
  const points = [shipped, ...BORDER_SHARES.map((share) => pointBetween(shipped, trained, share))]
  const right = points.map(() => new Uint8Array(labels.length))
  let done = 0
  const moved = (k: number) => movedBorders(border, right[0], right[k + 1])
  return {
    advance() {
      if (done === labels.length) return false
      const n = Math.min(BATCH, labels.length - done)
      const features = Float32Array.from(trunk.features(images.subarray(done * PIXELS, (done + n) * PIXELS), n))
      for (const [k, parameters] of points.entries()) {
        head.parameters.set(parameters)
        for (const [i, answer] of answerAll(backend, head, features, n, sure).entries()) {
          right[k][done + i] = borderAnswer(labels[done + i], answer)
        }
      }
      done += n
      return true
    },
    moved: () => moved(0),
    share: () => BORDER_SHARES.find((_, k) => moved(k).size === 0),
  }
}
