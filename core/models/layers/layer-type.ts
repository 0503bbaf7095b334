/** What the program knows of one type of layer: the shape of an entry of the table in ../layer.ts. Not the entries. */

import type { Backend } from '../../backend/backend.ts'
import type { Shape } from '../shape.ts'
import type { Stage, StageSetup } from '../stage.ts'

/** @typeParam Spec the layer in a model card: its type and its fields */
export interface LayerType<Spec> {
  /** Checks of the card's fields, in the order in which they are made. */
  readonly fields: { readonly [Name in Exclude<keyof Spec, 'type'>]-?: FieldCheck }

  /** Shape of the output; or what does not fit, in words that follow "layer 3". */
  outputShape(layer: Spec, input: Shape): Shape | string

  /** Parameters in file order. */
  parameters(layer: Spec, input: Shape): readonly ParameterSpec[]

  /**
   * Weights before this layer start uniform in +-sqrt(gain / inputs): 6 for a relu (He et al. 2015), 1 for what is linear or a
   * sigmoid (LeCun et al. 1998); 'next' where the layer after decides.
   */
  readonly gain: number | 'next'

  /** Whether many outputs are zero: always ('made', and no gradient passes where they are), if many inputs are ('kept'), or never. */
  readonly zeros: 'made' | 'kept' | 'none'

  /** What the way back reads of the layer's output, so that layers after it in the same place must spare it. */
  readonly outputRead: 'values' | 'sign' | 'no' // sign: whether above 0

  /** Whether the output may take the place of the input, and whether the sign is spared then, wherever a gradient passes. */
  readonly inPlace: 'sparing sign' | 'sparing nothing' | 'no'

  /** Bytes of the buffers the layer has for itself, by name; none if absent. */
  buffers?(layer: Spec, needs: BufferNeeds): Readonly<Record<string, number>>

  /** Bytes of scratch, which layers share, for they run one at a time; none if absent. */
  scratch?(layer: Spec, input: Shape, learns: boolean): number

  stage(backend: Backend, layer: Spec, setup: StageSetup): Stage
}

/** A tensor of parameters. */
export interface ParameterSpec {
  readonly role: string // the second part of its name: 'weight', 'bias', ...
  readonly shape: readonly number[] // row-major, outputs last
  readonly start: 'random' | 0 | 1 // before training
  readonly statistic?: true // a running statistic, which no gradient changes
}

/** What decides how large a layer's own buffers are. */
export interface BufferNeeds {
  readonly input: Shape
  readonly output: Shape
  readonly images: number // that go through the layer at once
  readonly learns: boolean // whether there is a way back
  readonly zeros: boolean // whether many inputs are zero
}

/** Looks at a field of a card: undefined if it is good, else what it must, as in "be odd". */
export type FieldCheck = (value: unknown) => string | undefined

export function wholeNumber(most: number): FieldCheck {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most
      ? undefined
      : `be a whole number from 1 to ${most}`
}
