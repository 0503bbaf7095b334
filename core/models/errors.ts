/** The error of refused weights: a stable code for programs and a sentence for people. */

export type WeightsErrorCode =
  | 'truncated'
  | 'bad_header_length'
  | 'bad_header'
  | 'unsupported_version'
  | 'bad_dtype'
  | 'bad_shape'
  | 'bad_offsets'
  | 'bad_tensors'
  | 'not_finite'
  | 'out_of_range'
  | 'failed_selftest'
  | 'bad_digest'
  | 'missing_file'
  | 'not_regular_file'
  | 'too_large'
  | 'bad_number'
  | 'not_text'
  | 'bad_archive'

/** Refused weights. The message says what was got and what was expected, and never contains a path or the input. */
export class WeightsError extends Error {
  readonly code: WeightsErrorCode

  constructor(code: WeightsErrorCode, message: string) {
    super(message)
    this.name = 'WeightsError'
    this.code = code
  }
}
