/** Limits on an uploaded PNG, in every dimension that its sender chooses. */

export interface PngLimits {
  readonly minSide: number // px, of the picture after it was reduced
  readonly maxSide: number // px
  readonly maxPixels: number // px
  readonly maxInflated: number // bytes, filter bytes included
  readonly maxWhole: number // bytes; with more, image data is inflated in pieces
  readonly maxChunks: number // of any kind
  readonly maxAncillary: number // chunks
}

/** A photograph of 12 megapixels has 4,032 x 3,024 px, a page of A4 scanned at 300 dpi 2,480 x 3,508. */
export const PNG_LIMITS: PngLimits = {
  minSide: 8,
  maxSide: 4096,
  maxPixels: 16_777_216,
  maxInflated: 67_116_544, // the most pixels in RGBA of 8 bits, interlaced
  maxWhole: 4_198_400, // 1,024 x 1,024 px of the same
  maxChunks: 4096,
  maxAncillary: 128,
}
