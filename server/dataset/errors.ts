/** Errors of data files on disk or from the network, as the command line reports them. */

import { type DataCode, DataError } from '../../core/data/errors.ts'

/** A DataError that names the file. Exit code 3: the file is refused; 1: there is no file. */
export class DataFileError extends DataError {
  readonly exitCode: 1 | 3

  constructor(code: DataCode, detail: string) {
    super(code, `${code}: ${detail}`)
    this.name = 'DataFileError'
    this.exitCode = code === 'not_found' || code === 'cannot_read' ? 1 : 3
  }
}

/** Adds the name of the file to errors of parsers, of zlib and of the file system. Other errors stay as they are. */
export function namingFile(error: unknown, file: string): unknown {
  if (error instanceof DataFileError) return error
  if (error instanceof DataError) return new DataFileError(error.code, `${file}: ${error.message}`)
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR') return new DataFileError('truncated', `${file}: the gzip stream ends too early`)
  if (code?.startsWith('Z_')) return new DataFileError('bad_gzip', `${file}: is not, or not wholly, gzip`)
  if (syscall !== undefined) return new DataFileError('cannot_read', `${file} (${code})`)
  return error
}
