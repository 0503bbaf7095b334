/** How large an uploaded PNG may be, in every dimension a stranger chooses. */

export interface PngLimits {
  readonly minSide: number // px
  readonly maxSide: number // px
  readonly maxPixels: number // px
  readonly maxInflated: number // bytes, filter bytes included
  readonly maxChunks: number // of any kind
  readonly maxAncillary: number // chunks
}

/** A phone's 280 CSS px canvas at three device pixels each is 840 px: it fits. */
export const PNG_LIMITS: PngLimits = {
  minSide: 8,
  maxSide: 1024,
  maxPixels: 1_048_576,
  maxInflated: 4_198_400,
  maxChunks: 4096,
  maxAncillary: 128,
}
