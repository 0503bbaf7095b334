/** Which amounts of ink are ink: statistics of the amounts over a picture, and the thresholds that follow from them. */

/** Amounts of ink, and what was measured of them. */
export interface Amounts {
  readonly amount: Uint8Array // width * height, row-major
  readonly levels: Uint32Array // [256], pixels of each amount
  readonly full: number // 0..255, the darkest ink
  readonly noise: number // 0..255, of the paper
}

/** Solid ink has at least this share of the darkest ink's amount, 0..1; fainter ink only counts beside it. */
const SOLID_SHARE = 0.25

/** Noise is assumed to end at this multiple of its median: 3.4 sigma for Gaussian noise in one channel. */
const NOISE_REACH = 5

/** The amounts of a picture with their statistics. */
export function judgeAmounts(amount: Uint8Array, levels: Uint32Array, width: number, height: number): Amounts {
  const full = fullLevel(levels, width, height)
  return { amount, levels, full, noise: medianNoise(levels, full) }
}

/** Amounts up to the first may be noise, those from the second on are certainly ink; both 0..255. */
export function thresholds({ full, noise }: Amounts): { readonly floor: number; readonly solid: number } {
  const floor = NOISE_REACH * noise
  return { floor, solid: Math.max(Math.ceil(full * SOLID_SHARE), floor + 1) }
}

/** The darkest ink without a few outliers: the amount reached by as many pixels as the shortest stroke has. */
function fullLevel(levels: Uint32Array, width: number, height: number): number {
  const least = Math.max(1, Math.floor(Math.max(width, height) / 32))
  let count = 0
  for (let v = 255; v > 0; v--) {
    count += levels[v]
    if (count >= least) return v
  }
  return 0
}

/** Median amount of the paper, which is all pixels below half of the full amount. */
function medianNoise(levels: Uint32Array, full: number): number {
  let total = 0
  for (let v = 0; v * 2 < full; v++) total += levels[v]
  let count = 0
  for (let v = 0; v * 2 < full; v++) {
    count += levels[v]
    if (count * 2 >= total) return v
  }
  return 0
}
