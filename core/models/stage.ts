/** One layer at work: what a network calls forward and backward, and what it is made from. Only types. */

import type { Shape } from './shape.ts'

/** What a pass through the network needs to know beyond its images. */
export interface PassOptions {
  /** Dropout: which masks; absent where nothing is dropped. `row` is the place of the first image in the minibatch. */
  readonly masks?: { readonly seed: number; readonly stream: number; readonly row: number }
  /**
   * Batch normalisation: the share this pass has in the minibatch, 0..1, whose statistics it then uses; absent for the running
   * ones, with which it is a fixed map, whose scales and biases get no gradient on the way back.
   */
  readonly share?: number
}

export interface Stage {
  forward(n: number, pass: PassOptions): void
  /** From dy to the gradients of the parameters, and to dx unless that is 0. */
  backward(dx: number, dy: number, n: number, pass: PassOptions): void
}

/** Where a layer stands in its network, and where its buffers lie: offsets in bytes. */
export interface StageSetup {
  readonly number: number // of the layer, from 0
  readonly input: Shape
  readonly output: Shape
  readonly x: number // [batch, input shape]
  readonly y: number // [batch, output shape]; the same as x where the layer works in place
  readonly learns: boolean // whether there is a way back
  readonly scratch: number // shared by all layers
  readonly buffers: Readonly<Record<string, number>> // the layer's own, under the names its type gives them
  readonly parameters: Readonly<Record<string, number>> // by role; 'bias' is zeros where the layer has none
  readonly gradients: Readonly<Record<string, number>> // the same, in the gradient buffer
}
