/** Shapes of the values between two layers, of one image. */

export interface Shape {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** What a digit is when it enters a network. */
export const IMAGE: Shape = { height: 28, width: 28, channels: 1 }

export function size({ height, width, channels }: Shape): number {
  return height * width * channels
}
