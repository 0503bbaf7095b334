/** The error of a refused data set: a stable code for programs and a sentence for people. */

/** Codes of refused files, and of files that cannot be found or read (`not_found`, `cannot_read`). */
export type DataCode =
  | 'bad_columns'
  | 'bad_digest'
  | 'bad_dims'
  | 'bad_gzip'
  | 'bad_label'
  | 'bad_line'
  | 'bad_lzw'
  | 'bad_magic'
  | 'bad_pixel'
  | 'bad_strokes'
  | 'cannot_read'
  | 'count_mismatch'
  | 'empty'
  | 'gzip_given'
  | 'line_too_long'
  | 'not_found'
  | 'not_text'
  | 'range_mismatch'
  | 'too_large'
  | 'trailing_data'
  | 'truncated'

/** A refused data file. The message says what was got and what was expected, and never contains the input. */
export class DataError extends Error {
  readonly code: DataCode

  constructor(code: DataCode, detail: string) {
    super(detail)
    this.name = 'DataError'
    this.code = code
  }
}
