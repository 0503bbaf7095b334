/** The shape of what inflates the image data of a PNG. Platforms provide it: `server/files/inflate.ts` for Node. */

/** Both accept exactly one complete zlib stream (RFC 1950): correct Adler-32, no preset dictionary, no bytes after it. */
export interface Inflate {
  /**
   * The whole output of a stream, at once.
   * @throws whatever it likes where anything is wrong with the stream or its output is longer than `maxOutputLength` bytes
   */
  readonly whole: (zlib: Uint8Array, maxOutputLength: number) => Uint8Array
  /** Opens a stream that lies in the file as these parts, to be read piece by piece. */
  readonly open: (parts: readonly Uint8Array[]) => InflateReader
}

/** A stream that is being inflated in bounded memory. */
export interface InflateReader {
  /** True once the whole stream was read and found to be right. */
  readonly ended: boolean
  /**
   * Writes the next bytes of the output to `target` in a bounded piece of work, and returns how many: possibly none, or fewer than fit.
   * @throws whatever it likes where anything is wrong with the stream
   */
  readonly read: (target: Uint8Array) => number
}
