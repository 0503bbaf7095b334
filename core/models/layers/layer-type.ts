/** The interface of a layer type: an entry of the table in ../layer.ts. */

import type { Backend } from '../../backend/backend.ts'
import type { Shape } from '../shape.ts'
import type { Stage, StageSetup } from '../stage.ts'

/** @typeParam Spec the layer in a model card: its type and its fields */
export interface LayerType<Spec> {
  /** Checks of the card's fields, in order. */
  readonly fields: { readonly [Name in Exclude<keyof Spec, 'type'>]-?: FieldCheck }

  /** Shape of the output; or why the input does not fit, in words that follow "layer 3". */
  outputShape(layer: Spec, input: Shape): Shape | string

  /** Parameters in file order. */
  parameters(layer: Spec, input: Shape): readonly ParameterSpec[]

  /**
   * Initial weights before this layer are uniform in +-sqrt(gain / inputs): 6 for a relu (He et al. 2015), 1 for linear layers and
   * sigmoids (LeCun et al. 1998); 'next' for the gain of the layer after.
   */
  readonly gain: number | 'next'

  /** Whether many outputs are zero: always ('made'; zeros pass no gradient), if many inputs are ('kept'), or never. */
  readonly zeros: 'made' | 'kept' | 'none'

  /** What the backward pass reads of the layer's output, which layers that work in place after it must not change. */
  readonly outputRead: 'values' | 'sign' | 'no' // sign: whether above 0

  /** Whether the output may replace the input, and whether that keeps the sign wherever a gradient passes. */
  readonly inPlace: 'sparing sign' | 'sparing nothing' | 'no'

  /** Bytes of the layer's own buffers, by name; none if absent. */
  buffers?(layer: Spec, needs: BufferNeeds): Readonly<Record<string, number>>

  /** Bytes of scratch memory, which all layers share since they run one at a time; none if absent. */
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

/** What determines the size of a layer's own buffers. */
export interface BufferNeeds {
  readonly input: Shape
  readonly output: Shape
  readonly images: number // that go through the layer at once
  readonly learns: boolean // whether there is a backward pass
  readonly zeros: boolean // whether many inputs are zero
}

/** Checks a field of a card: undefined if it is valid, else the requirement in words that follow "must". */
export type FieldCheck = (value: unknown) => string | undefined

export function wholeNumber(most: number): FieldCheck {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most
      ? undefined
      : `be a whole number from 1 to ${most}`
}
