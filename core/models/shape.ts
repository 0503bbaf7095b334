/** The shape of one image's values between two layers. */

import { SIDE } from '../data/dataset.ts'

export interface Shape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** The input of a network. */
export const IMAGE: Shape = { height: SIDE, width: SIDE, channels: 1 }

/** Number of values. */
export function size({ height, width, channels }: Shape): number {
  return height * width * channels
}
