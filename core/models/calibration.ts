/** Calibration: whether a model's confidence is its accuracy. Of answers with confidence 0.8, about 80 % should be correct. */

const BINS = 15 // as in Guo et al. 2017

/** The answers whose confidence lies in one interval, (k / 15, (k + 1) / 15]; the first interval includes 0. */
export interface ReliabilityBin {
  readonly images: number
  readonly confidence: number // mean, 0..1; 0 without images
  readonly accuracy: number // 0..1; 0 without images
}

export interface Calibration {
  /** Expected calibration error (Naeini et al. 2015; Guo et al. 2017): mean of |accuracy - confidence| over images; 0..1. */
  readonly error: number
  readonly bins: readonly ReliabilityBin[] // 15 of equal width, from 0 to 1
}

/**
 * Calibration of answers.
 * @param confidences of each answer, 0..1
 * @param right non-zero where the answer is correct
 */
export function calibration(confidences: ArrayLike<number>, right: ArrayLike<number>): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ images: 0, confidence: 0, right: 0 }))
  for (let i = 0; i < confidences.length; i++) {
    // NaN, from a model whose training diverged, falls in the first bin
    const k = Math.min(BINS - 1, Math.max(0, Math.ceil(confidences[i] * BINS || 0) - 1))
    sums[k].images++
    sums[k].confidence += confidences[i]
    sums[k].right += right[i] ? 1 : 0
  }
  const bins = sums.map((bin) => ({
    images: bin.images,
    confidence: bin.confidence / Math.max(1, bin.images),
    accuracy: bin.right / Math.max(1, bin.images),
  }))
  const gaps = bins.reduce((sum, { images, confidence, accuracy }) => sum + images * Math.abs(accuracy - confidence), 0)
  return { error: gaps / Math.max(1, confidences.length), bins }
}
