/** The 28x28 input of a model, pixel by pixel. */

import { PIXELS, SIDE } from '../../core/data/dataset.ts'

/** The returned function shows 784 bytes of ink (0 paper, 255 full ink), or an empty field. */
export function createModelInputView(canvas: HTMLCanvasElement): (input: ArrayLike<number> | undefined) => void {
  canvas.width = SIDE
  canvas.height = SIDE
  const context = canvas.getContext('2d', { alpha: false })
  const image = new ImageData(SIDE, SIDE)
  let shown: ArrayLike<number> | undefined | null = null // null: nothing has been shown
  return (input) => {
    if (input === shown) return
    shown = input
    for (let i = 0; i < PIXELS; i++) {
      image.data.fill(input?.[i] ?? 0, 4 * i, 4 * i + 3)
      image.data[4 * i + 3] = 255
    }
    context?.putImageData(image, 0, 0)
  }
}
