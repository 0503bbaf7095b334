/** Whether a model is as sure as it is right: of the answers given with confidence 0.8, about 80 % should be right. */

const BINS = 15 // as in Guo et al. 2017

/** The answers whose confidence lies in one interval ((k / 15, (k + 1) / 15], the first with its lower end). */
export interface ReliabilityBin {
  readonly images: number
  readonly confidence: number // their mean, 0..1; 0 where there are none
  readonly accuracy: number // share that is right, 0..1; 0 where there are none
}

export interface Calibration {
  /** Expected calibration error (Naeini et al. 2015; Guo et al. 2017): mean of |accuracy - confidence| over the bins, weighted by images; 0..1. */
  readonly error: number
  readonly bins: readonly ReliabilityBin[] // 15 of equal width, from 0 to 1
}

/** Calibration of answers with these confidences (0..1), of which those with a non-zero `right` are right. */
export function calibration(confidences: ArrayLike<number>, right: ArrayLike<number>): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ images: 0, confidence: 0, right: 0 }))
  for (let i = 0; i < confidences.length; i++) {
    // a model whose training diverged is sure of nothing: NaN falls in the first bin
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
