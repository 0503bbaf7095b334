/**
 * One call of a kernel as data: the kernel, its operands, and what they are filled with. This file lays it out in a backend's
 * memory and compares backends; `cases.ts` holds the calls themselves.
 */

import type { Arena } from '../backend/arena.ts'
import type { Backend } from '../backend/backend.ts'
import { type KernelName, SNAP } from '../kernels.ts'
import { philox, philoxBlock } from '../random.ts'

/**
 * What an operand holds. normal: about N(0,1). ink: 81 % zeros, the rest k/255. tiny: just above the snap threshold,
 * in cancelling pairs. share: 0..1. relu: half zeros, the rest positive. routed: a gradient that has passed a pooling and a relu,
 * one in six not zero. special: NaN, infinities, -0, huge and tiny among normal values. any: special and subnormals too.
 */
export type Fill = 'normal' | 'ink' | 'tiny' | 'share' | 'relu' | 'routed' | 'special' | 'any' | 'zero'

export type Operand =
  | { readonly type: 'f32'; readonly length: number; readonly fill: Fill; readonly output?: boolean }
  | { readonly type: 'byte'; readonly length: number; readonly ink?: boolean } // 0..255; ink: 81 % zeros
  | { readonly type: 'scratch'; readonly length: number } // bytes, all 255: what is read before it is written is NaN
  | { readonly type: 'label'; readonly length: number; readonly classes: number }
  | { readonly type: 'place'; readonly length: number; readonly places: number; readonly output?: boolean } // u8
  | Given
  | { readonly type: 'index'; readonly of: number; readonly N: number; readonly I: number; readonly output?: boolean }

/** For contents that belong together, such as a tree: bytes, or a function that makes them when they are first needed. */
export interface Given {
  readonly type: 'given'
  readonly bytes: Uint8Array | (() => Uint8Array)
}

export function givenBytes({ bytes }: Given): Uint8Array {
  return typeof bytes === 'function' ? bytes() : bytes
}

export interface Case {
  readonly kernel: KernelName
  readonly title: string
  readonly args: readonly (Operand | number)[] // in the kernel's order; numbers are dimensions and scalars
  readonly work: number // multiply-adds, or elements where nothing is multiplied, if no input were zero
  readonly benchmark: boolean // a shape that occurs in a model here
}

const SPECIAL = [NaN, Infinity, -Infinity, -0, 0, 3e38, -3e38, SNAP, -SNAP, 1, -1, 88.7, -87.3, -87.2, 90]
const SUBNORMAL = [1e-40, -1e-40, 1.4e-45, 1.1754942e-38, 1.1754944e-38, 5e-324]

// The i-th value of operand `operand`: a function of the counter only, so operands can be filled in any order.
function value(fill: Fill, operand: number, i: number): number {
  const [draw, second] = philoxBlock(0xca5e, operand, i)
  const uniform = draw / 4_294_967_296
  const more = second / 4_294_967_296
  // sum of two uniforms, scaled to variance 1: near enough to normal to exercise sums
  const normal = (uniform + more - 1) * 2.449489742783178
  switch (fill) {
    case 'zero':
      return 0
    case 'normal':
      return normal
    case 'share':
      return uniform
    case 'relu':
      return uniform < 0.5 ? 0 : Math.abs(normal)
    case 'routed':
      return uniform < 5 / 6 ? 0 : normal
    case 'ink':
      return uniform < 0.81 ? 0 : Math.fround((1 + Math.floor(more * 255)) * Math.fround(1 / 255))
    case 'tiny':
      return (i & 1 ? -1 : 1) * SNAP * (1 + (draw % 3) * 2 ** -23) * (more < 0.2 ? 2 ** 30 : 1)
    case 'special':
      return uniform < 0.1 ? SPECIAL[draw % SPECIAL.length] : normal
    case 'any':
      return uniform < 0.1
        ? SPECIAL[draw % SPECIAL.length]
        : uniform < 0.2
          ? SUBNORMAL[draw % SUBNORMAL.length]
          : normal
  }
}

// The first values of each operand and fill. All cases with such an operand begin with the same ones, so they are cached.
const MAX_CACHED = 16_384 // values
const firstValues = new Map<string, Float32Array>()

function fillOperand(view: Float32Array, fill: Fill, operand: number): void {
  const key = `${fill} ${operand}`
  const known = firstValues.get(key) ?? new Float32Array(0)
  const from = Math.min(known.length, view.length)
  view.set(known.subarray(0, from))
  for (let i = from; i < view.length; i++) view[i] = value(fill, operand, i)
  if (view.length > known.length && known.length < MAX_CACHED) firstValues.set(key, view.slice(0, MAX_CACHED))
}

// Allocates and fills operand number `position`; `offsets` are those of the operands before it.
function place(arena: Arena, operand: Operand, position: number, offsets: readonly number[]): number {
  if (operand.type === 'index') {
    const { N, I } = operand
    const at = arena.allocate(N * (1 + I) * 4)
    if (operand.output) return at
    const list = arena.i32(at, N * (1 + I))
    const x = arena.f32(offsets[operand.of], N * I)
    for (let n = 0; n < N; n++) {
      let count = 0
      for (let i = 0; i < I; i++) if (x[n * I + i] !== 0) list[n * (1 + I) + ++count] = i
      list[n * (1 + I)] = count
    }
    return at
  }
  if (operand.type === 'f32') {
    const at = arena.allocate(operand.length * 4)
    const view = arena.f32(at, operand.length)
    if (operand.fill !== 'zero') fillOperand(view, operand.fill, position)
    return at
  }
  if (operand.type === 'given') {
    const bytes = givenBytes(operand)
    const at = arena.allocate(bytes.length)
    arena.u8(at, bytes.length).set(bytes)
    return at
  }
  const at = arena.allocate(operand.length)
  const view = arena.u8(at, operand.length)
  if (operand.type === 'scratch') {
    view.fill(255)
    return at
  }
  if (operand.type === 'place' && operand.output) {
    view.fill(operand.places - 1)
    return at
  }
  const range = operand.type === 'label' ? operand.classes : operand.type === 'place' ? operand.places : 256
  for (let i = 0, draw = 0; i < view.length; i++) {
    // four bytes of a draw: making operands is most of what the self-test does
    draw = operand.type === 'byte' && !operand.ink && i % 4 > 0 ? draw >>> 8 : philox(0xca60, position, i)
    view[i] = operand.type === 'byte' && operand.ink && draw / 2 ** 32 < 0.81 ? 0 : draw % range
  }
  return at
}

/** A case laid out in a backend's memory: call it as often as you like, then read its outputs. */
export interface PlacedCase {
  readonly arguments: readonly number[]
  call(): void
  /** Copies of the outputs' bits; undefined parts of an index are zeroed, every NaN is the same NaN. */
  outputs(): Int32Array[]
}

/** Lays a case out on top of what the arena holds; free it with the arena's mark and release. */
export function placeCase({ kernels, arena }: Backend, { kernel, args }: Case): PlacedCase {
  const values: number[] = []
  for (const [position, arg] of args.entries()) {
    values.push(typeof arg === 'number' ? arg : place(arena, arg, position, values))
  }
  const run = kernels[kernel] as (...values: unknown[]) => void
  const passed = asPassed(values)
  return {
    arguments: values,
    call: () => run(...passed),
    outputs: () =>
      args.flatMap((arg, i) => {
        if (typeof arg === 'number') return []
        if (arg.type === 'index' && arg.output) return [listed(arena.i32(values[i], arg.N * (1 + arg.I)), arg.N, arg.I)]
        if (arg.type === 'place' && arg.output) return [Int32Array.from(arena.u8(values[i], arg.length))]
        return arg.type === 'f32' && arg.output ? [canonicalBits(arena, values[i], arg.length)] : []
      }),
  }
}

/**
 * The same numbers as calls in a program pass them: integers as integers. V8 stores all numbers of an array as doubles if one of
 * them is a fraction, and does so in arrays made at the same place later. With doubles as dimensions TypeScript kernels take 2.3
 * times as long.
 */
function asPassed(values: readonly number[]): unknown[] {
  const passed: unknown[] = values.map(() => undefined) // an array of mixed elements keeps the integers in it
  for (const [i, value] of values.entries()) passed[i] = (value | 0) === value ? value | 0 : value
  return passed
}

function listed(index: Int32Array, N: number, I: number): Int32Array {
  const copy = index.slice()
  for (let n = 0; n < N; n++) copy.fill(0, n * (1 + I) + 1 + copy[n * (1 + I)], (n + 1) * (1 + I))
  return copy
}

function canonicalBits(arena: Arena, offset: number, length: number): Int32Array {
  const bits = arena.i32(offset, length).slice()
  for (let i = 0; i < length; i++) if ((bits[i] & 0x7fffffff) > 0x7f800000) bits[i] = 0x7fc00000
  return bits
}

/** Memory that holds any one case, in bytes. */
export const CASE_MEMORY = 4_194_304

/** The bits of a case's outputs in a backend, as `PlacedCase` gives them. */
export function outcome(backend: Backend, tested: Case): Int32Array[] {
  const mark = backend.arena.mark()
  const placed = placeCase(backend, tested)
  placed.call()
  const outputs = placed.outputs()
  backend.arena.release(mark)
  return outputs
}

/**
 * The words "kernel shape: output k differs at i, a against b" where two backends differ in a case, else undefined.
 * @param expected the outcome in the other one, if it is known
 */
export function disagreement(
  one: Backend,
  other: Backend,
  tested: Case,
  expected: readonly Int32Array[] = outcome(other, tested),
): string | undefined {
  for (const [k, bits] of outcome(one, tested).entries()) {
    for (let i = 0; i < bits.length; i++) {
      if (bits[i] === expected[k][i]) continue
      const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
      return `${tested.title}: output ${k} differs at ${i}, ${one.name} ${hex(bits[i])} against ${other.name} ${hex(expected[k][i])}`
    }
  }
  return undefined
}
