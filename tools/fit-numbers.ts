/**
 * `node tools/fit-numbers.ts [model folder]`: fits the weights of core/numbers/score.ts to numbers composed of pendigits' training part,
 * by maximum likelihood of the right path among all (a conditional random field; Lafferty, McCallum, Pereira 2001), and prints them.
 * It needs INKLING_DATA and takes some minutes.
 */

import { InputError } from '../core/errors.ts'
import { createModel, modelMemory } from '../core/models/create-model.ts'
import { judge, sureOf } from '../core/models/verdict.ts'
import { bestPath } from '../core/numbers/path.ts'
import { askAll, linesOf } from '../core/numbers/read.ts'
import { features } from '../core/numbers/score.ts'
import { composeNumber, drawNumber, type Spacing } from '../core/synthetic/numbers.ts'
import { nodeBackends } from '../server/backend.ts'
import { findStrokes } from '../server/dataset/stroke-sets.ts'
import { readStrokes } from '../server/dataset/strokes.ts'
import { loadModel } from '../server/models/load.ts'
import { dataDir } from '../test/data-sets.ts'

const SEED = 1
const EACH = 120 // numbers of each kind
const TOUCHING = 3 // times as many of touching digits, which can be read wrong in the most ways

/** Kinds of numbers: joined strokes are left out, because most of their right cuts are not found. */
const KINDS: readonly { readonly spacing: Spacing; readonly strokes: boolean }[] = [false, true].flatMap((strokes) =>
  (['spaced', 'tight', 'touching'] as const).map((spacing) => ({ spacing, strokes })),
)

/** Steps of Adam, its rate and that of the last third, and the penalty on squared weights. */
const STEPS = 200
const RATE = 0.1
const LAST_RATE = 0.03
const PENALTY = 0.001

/** Pieces as a digit, among all ways to read a line. */
interface Arc {
  readonly from: number
  readonly to: number
  readonly digit: number
  readonly values: readonly number[]
}

/** One line and its digits; arcs by where they begin. */
interface Example {
  readonly kind: string
  readonly digits: readonly number[]
  readonly count: number // pieces
  readonly arcs: readonly Arc[]
}

if (!dataDir) throw new Error('INKLING_DATA names no folder')
const examples = await collect(process.argv[2] ?? 'weights/cnn', dataDir)
let weights: number[] = examples[0].arcs[0].values.map((_, k) => (k === 0 ? 1 : 0))
const [means, squares] = [weights.map(() => 0), weights.map(() => 0)]
for (let step = 1; step <= STEPS; step++) {
  const { gradient, loss } = likelihood(examples, weights)
  weights = weights.map((weight, k) => {
    means[k] = 0.9 * means[k] + 0.1 * gradient[k]
    squares[k] = 0.99 * squares[k] + 0.01 * gradient[k] * gradient[k]
    const rate = step > (2 * STEPS) / 3 ? LAST_RATE : RATE
    return weight + (rate * means[k]) / (1 - 0.9 ** step) / (Math.sqrt(squares[k] / (1 - 0.99 ** step)) + 1e-6)
  })
  if (step % 10 === 0) console.log(`step ${step}: ${loss.toFixed(4)} nats a number`)
}
for (const { spacing, strokes } of KINDS) {
  const kind = kindOf(spacing, strokes)
  const all = examples.filter((example) => example.kind === kind)
  const right = all.filter((example) => isRead(example, weights)).length
  console.log(`${kind}: ${((100 * right) / all.length).toFixed(1)} % of ${all.length}`)
}
console.log(`[${weights.map((weight) => weight.toFixed(2)).join(', ')}]`)

function kindOf(spacing: Spacing, strokes: boolean): string {
  return `${strokes ? 'strokes' : 'picture'}, ${spacing}`
}

/** All ways to read composed numbers, by the model in a folder. Numbers of which no way is right are left out. */
async function collect(folder: string, data: string): Promise<Example[]> {
  const path = findStrokes('pendigits', 'train', data)
  if (path === undefined) throw new Error('pendigits is no set of strokes')
  const { content: digits } = await readStrokes(path)
  const stored = loadModel(folder)
  const model = createModel((await nodeBackends()).create(modelMemory(stored.card)), stored.card, stored.data)
  const ask = (input: Uint8Array) => {
    const scores = model.scores(input)
    const { probabilities, other } = judge(scores, sureOf(stored.card))
    return { probabilities: [...probabilities], other: scores.length > probabilities.length ? other : undefined }
  }
  const found: Example[] = []
  for (const { spacing, strokes } of KINDS) {
    for (let i = 0; i < (spacing === 'touching' ? EACH * TOUCHING : EACH); i++) {
      const number = composeNumber(digits, spacing, SEED, i)
      try {
        const lines = linesOf(strokes ? { strokes: number.strokes } : { raster: drawNumber(number) })
        if (lines.length !== 1) continue
        const asking = askAll(lines[0], ask)
        let turn = asking.next()
        while (!turn.done) turn = asking.next()
        const arcs = turn.value.map(({ from, to, part, digit, answer }) => {
          return { from, to, digit, values: features(lines[0], to, part, digit, answer) }
        })
        arcs.sort((a, b) => a.from - b.from)
        const example = {
          kind: kindOf(spacing, strokes),
          digits: [...number.text].map(Number),
          count: lines[0].count,
          arcs,
        }
        const none = arcs.map(() => 0)
        if (pathSums(example, none, example.digits).total > -Infinity) found.push(example)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
      }
    }
  }
  return found
}

/** The mean gradient of the log-likelihood of the right paths, without the penalty its mean loss, nats. */
function likelihood(all: readonly Example[], by: readonly number[]): { gradient: number[]; loss: number } {
  const gradient = by.map((weight) => -PENALTY * weight)
  let loss = 0
  for (const example of all) {
    const scores = example.arcs.map(({ values }) => dot(values, by))
    const any = pathSums(example, scores)
    const right = pathSums(example, scores, example.digits)
    loss += any.total - right.total
    example.arcs.forEach(({ values }, i) => {
      const more = right.shares[i] - any.shares[i]
      if (more !== 0) for (const [k, value] of values.entries()) gradient[k] += (more * value) / all.length
    })
  }
  return { gradient, loss: loss / all.length }
}

/**
 * The logarithm of the summed weight of all paths over the pieces, and the share of it that goes through each arc.
 * @param digits only paths that read them, in order; any path unless given
 */
function pathSums(
  { count, arcs }: Example,
  scores: readonly number[],
  digits?: readonly number[],
): { total: number; shares: number[] } {
  // a state is a border between pieces and how many digits were read before it
  const most = digits ? digits.length : 0
  const at = (border: number, read: number): number => border * (most + 1) + read
  const before = new Float64Array((count + 1) * (most + 1)).fill(-Infinity)
  const after = before.slice()
  before[at(0, 0)] = 0
  after[at(count, most)] = 0
  const steps = digits ? digits.map((digit, k) => ({ digit, from: k, to: k + 1 })) : [{ digit: -1, from: 0, to: 0 }]
  const fits = (arc: Arc, digit: number): boolean => digit < 0 || arc.digit === digit
  for (const [i, arc] of arcs.entries()) {
    for (const { digit, from, to } of steps) {
      if (fits(arc, digit)) add(before, at(arc.to, to), before[at(arc.from, from)] + scores[i])
    }
  }
  for (let i = arcs.length - 1; i >= 0; i--) {
    for (const { digit, from, to } of steps) {
      if (fits(arcs[i], digit)) add(after, at(arcs[i].from, from), after[at(arcs[i].to, to)] + scores[i])
    }
  }
  const total = before[at(count, most)]
  const shares = arcs.map((arc, i) => {
    let share = 0
    for (const { digit, from, to } of steps) {
      if (fits(arc, digit)) share += Math.exp(before[at(arc.from, from)] + scores[i] + after[at(arc.to, to)] - total)
    }
    return share
  })
  return { total, shares }
}

/** Adds a weight given as a logarithm to another. */
function add(sums: Float64Array, k: number, value: number): void {
  const larger = Math.max(sums[k], value)
  if (larger > -Infinity) sums[k] = larger + Math.log(Math.exp(sums[k] - larger) + Math.exp(value - larger))
}

function isRead({ arcs, count, digits }: Example, by: readonly number[]): boolean {
  const path = bestPath(
    arcs.map((arc) => ({ ...arc, score: dot(arc.values, by) })),
    count,
  )
  return path !== undefined && path.map(({ digit }) => digit).join() === digits.join()
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0)
}
