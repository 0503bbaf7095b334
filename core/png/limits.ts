/** Limits on an uploaded PNG, in every dimension that its sender chooses. */

export interface PngLimits {
  readonly minSide: number // px
  readonly maxSide: number // px
  readonly maxPixels: number // px
  readonly maxInflated: number // bytes, filter bytes included
  readonly maxChunks: number // of any kind
  readonly maxAncillary: number // chunks
}

/** A canvas of 280 CSS px on a phone with three device pixels each has 840 px, and fits. */
export const PNG_LIMITS: PngLimits = {
  minSide: 8,
  maxSide: 1024,
  maxPixels: 1_048_576,
  maxInflated: 4_198_400,
  maxChunks: 4096,
  maxAncillary: 128,
}
