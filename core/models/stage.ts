/** One layer placed in a network: its forward and backward passes, and its setup. Only types. */

import type { Shape } from './shape.ts'

/** Options of a pass through the network. */
export interface PassOptions {
  /** Masks of dropout; absent for none. `row` is the position of the first image in the minibatch. */
  readonly masks?: { readonly seed: number; readonly stream: number; readonly row: number }
  /**
   * Share of the minibatch in this pass, 0..1: batch normalisation uses the statistics of the pass. If absent it uses the running
   * ones, and is a fixed map whose scales and biases get no gradient.
   */
  readonly share?: number
}

export interface Stage {
  forward(n: number, pass: PassOptions): void
  /** forward of a first layer that makes its inputs, x, from the bytes of the images itself. */
  forwardBytes?(bytes: number, n: number): void
  /** Computes the gradients of the parameters from dy, and dx unless its offset is 0. */
  backward(dx: number, dy: number, n: number, pass: PassOptions): void
}

/** The position of a layer in its network, and its buffers; offsets are bytes. */
export interface StageSetup {
  readonly number: number // of the layer, from 0
  readonly input: Shape
  readonly output: Shape
  readonly x: number // [batch, input shape]
  readonly y: number // [batch, output shape]; the same as x where the layer works in place
  readonly learns: boolean // whether there is a backward pass
  readonly scratch: number // shared by all layers
  readonly buffers: Readonly<Record<string, number>> // the layer's own, by the names of its type
  readonly parameters: Readonly<Record<string, number>> // by role; 'bias' is zeros where the layer has none
  readonly gradients: Readonly<Record<string, number>> // the same, in the gradient buffer
}
