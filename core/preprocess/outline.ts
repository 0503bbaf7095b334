/** What meets the outline of a picture: lines printed on paper, the edges of shadows and grain do, most digits do not. */

/** Stretches of ink along the outermost ring of pixels. */
export interface Crossings {
  readonly pixels: number // of ink
  readonly length: Int32Array // px, of each stretch
  readonly peak: Uint8Array // 0..255, its largest amount
}

/**
 * The stretches of the outline, from the top left clockwise, whose amounts are all at least `least`. One that goes around the first
 * corner counts as two.
 */
export function findCrossings(amount: Uint8Array, width: number, height: number, least: number): Crossings {
  const length: number[] = []
  const peak: number[] = []
  let pixels = 0
  let inside = false
  const visit = (v: number): void => {
    if (v >= least) {
      if (!inside) {
        length.push(0)
        peak.push(0)
      }
      const last = length.length - 1
      length[last]++
      if (v > peak[last]) peak[last] = v
      pixels++
    }
    inside = v >= least
  }
  walkOutline(amount, width, height, visit)
  return { pixels, length: Int32Array.from(length), peak: Uint8Array.from(peak) }
}

/** Pixels of a piece of the outline whose mean is taken. */
const PIECE = 16

/** The share of the outline's pieces whose mean amount is above `least`, 0..1. */
export function shadedShare(amount: Uint8Array, width: number, height: number, least: number): number {
  let count = 0
  let sum = 0
  let pieces = 0
  let shaded = 0
  walkOutline(amount, width, height, (v) => {
    sum += v
    if (++count < PIECE) return
    pieces++
    if (sum > least * PIECE) shaded++
    count = 0
    sum = 0
  })
  return shaded / Math.max(1, pieces)
}

/** Calls `visit` with every pixel of the outermost ring, from the top left clockwise. */
function walkOutline(amount: Uint8Array, width: number, height: number, visit: (v: number) => void): void {
  for (let x = 0; x < width; x++) visit(amount[x])
  for (let y = 1; y < height; y++) visit(amount[y * width + width - 1])
  for (let x = width - 2, base = (height - 1) * width; x >= 0; x--) visit(amount[base + x])
  for (let y = height - 2; y > 0; y--) visit(amount[y * width])
}
