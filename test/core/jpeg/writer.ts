/**
 * Writes JPEG files from quantised coefficients (ITU-T T.81): sequential or progressive, in any scans, with restart markers, of any
 * sampling. Segments can be put in and left out, so that files which no encoder writes can be made.
 */

import { ZIGZAG } from '../../../core/jpeg/quantisation.ts'

export interface PictureComponent {
  readonly id: number
  readonly h: number
  readonly v: number
  readonly quantisation: readonly number[] // [64], row by row
  readonly blocks: readonly Int16Array[] // [rows of whole units][columns of whole units], of [64], row by row
}

export interface Picture {
  readonly width: number
  readonly height: number
  readonly components: readonly PictureComponent[]
}

/** A scan of a progressive file: coefficients start..end, of which `high` bits are known (0: it is the first) down to bit `low`. */
export interface ScanScript {
  readonly of: readonly number[] // indices of components
  readonly start: number
  readonly end: number
  readonly high: number
  readonly low: number
}

export interface Options {
  readonly progressive?: boolean
  readonly scans?: readonly ScanScript[] // else all components in one; of these, `of` counts where the file is not progressive
  readonly restartInterval?: number
  readonly codes?: readonly number[] // numbers of codes of 1 to 16 bits, 256 in all
  readonly adobe?: number // transform
  readonly exif?: Uint8Array // a TIFF file
  readonly before?: readonly Uint8Array[] // segments before the frame header
  readonly heightAfter?: boolean // in a segment DNL
  readonly wide?: boolean // quantisation tables of 16 bits
  readonly fill?: number // fill bytes before each marker
}

/** 254 codes of 8 bits and 2 of 9, or one each of 1 to 7 bits and 249 of 16. */
export const SHORT_CODES = [0, 0, 0, 0, 0, 0, 0, 254, 2, 0, 0, 0, 0, 0, 0, 0]
export const LONG_CODES = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 249]

/** All symbols in the order of their codes: 163 is odd, so each comes once. */
const SYMBOLS = Uint8Array.from({ length: 256 }, (_, k) => (k * 163) & 255)

/** A marker segment with its length. */
export function segment(marker: number, data: ArrayLike<number>): Uint8Array {
  const length = data.length + 2
  return Uint8Array.from([0xff, marker, length >> 8, length & 255, ...Array.from(data)])
}

export const SOI: Uint8Array = Uint8Array.of(0xff, 0xd8)
export const EOI: Uint8Array = Uint8Array.of(0xff, 0xd9)

/** Files one after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export function frameHeader(picture: Picture, marker: number, height = picture.height): Uint8Array {
  const { width, components } = picture
  const parts = components.flatMap(({ id, h, v }, k) => [id, h * 16 + v, k])
  return segment(marker, [8, height >> 8, height & 255, width >> 8, width & 255, components.length, ...parts])
}

export function quantisation({ components }: Picture, wide = false): Uint8Array {
  const bytes = components.flatMap(({ quantisation: table }, k) => {
    const values = Array.from(ZIGZAG, (place) => table[place])
    return [(wide ? 16 : 0) + k, ...values.flatMap((value) => (wide ? [value >> 8, value & 255] : [value]))]
  })
  return segment(0xdb, bytes)
}

/** The same codes for everything: tables 0 of both classes. */
export function huffman(codes: readonly number[] = SHORT_CODES): Uint8Array {
  return segment(0xc4, [0, ...codes, ...SYMBOLS, 16, ...codes, ...SYMBOLS])
}

export function scanHeader({ components }: Picture, { of, start, end, high, low }: ScanScript): Uint8Array {
  return segment(0xda, [of.length, ...of.flatMap((k) => [components[k].id, 0]), start, end, high * 16 + low])
}

/** The scan of a file that is not progressive. */
export function allOf(picture: Picture): ScanScript {
  return { of: picture.components.map((_, k) => k), start: 0, end: 63, high: 0, low: 0 }
}

/** A whole file. */
export function writeJpeg(picture: Picture, options: Options = {}): Uint8Array {
  const { progressive = false, scans = [allOf(picture)], restartInterval = 0, codes, fill = 0 } = options
  const parts: Uint8Array[] = [SOI]
  const add = (...segments: readonly Uint8Array[]) => {
    for (const one of segments) parts.push(new Uint8Array(fill).fill(0xff), one)
  }
  const { adobe, exif, before = [], wide, heightAfter = false } = options
  if (adobe !== undefined) add(segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, adobe]))
  if (exif !== undefined) add(segment(0xe1, [...Buffer.from('Exif\0\0'), ...exif]))
  add(...before, quantisation(picture, wide))
  add(frameHeader(picture, progressive ? 0xc2 : 0xc1, heightAfter ? 0 : picture.height), huffman(codes))
  if (restartInterval > 0) add(segment(0xdd, [restartInterval >> 8, restartInterval & 255]))
  scans.forEach((scan, k) => {
    add(scanHeader(picture, scan))
    parts.push(scanData(picture, scan, options))
    if (k === 0 && heightAfter) add(segment(0xdc, [picture.height >> 8, picture.height & 255]))
  })
  add(EOI)
  return join(...parts)
}

/** Entropy-coded bits being written. */
class Writer {
  readonly bytes: number[] = []
  private buffer = 0
  private count = 0
  private readonly codeOf = new Map<number, readonly [code: number, length: number]>()

  constructor(codes: readonly number[]) {
    let code = 0
    let k = 0
    codes.forEach((count, index) => {
      for (let n = 0; n < count; n++) this.codeOf.set(SYMBOLS[k++], [code++, index + 1])
      code *= 2
    })
  }

  symbol(symbol: number): void {
    const [code, length] = this.codeOf.get(symbol) as readonly [number, number]
    this.bits(code, length)
  }

  bits(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.buffer = (this.buffer << 1) | ((value >> bit) & 1)
      if (++this.count === 8) this.flush()
    }
  }

  private flush(): void {
    this.bytes.push(this.buffer)
    if (this.buffer === 0xff) this.bytes.push(0)
    this.buffer = 0
    this.count = 0
  }

  /** Ones up to the next byte. */
  align(): void {
    while (this.count > 0) this.bits(1, 1)
  }
}

const sizeOf = (value: number) => 32 - Math.clz32(Math.abs(value))

/** The entropy-coded data of a scan. */
export function scanData(picture: Picture, scan: ScanScript, options: Options = {}): Uint8Array {
  const { progressive = false, restartInterval = 0, codes = SHORT_CODES } = options
  const { start, end, high, low } = scan
  const writer = new Writer(codes)
  const predictors = new Map<number, number>()
  let bands = 0 // blocks that end without more, not written yet
  let corrections: number[] = [] // bits that follow them

  const signed = (value: number, size: number) => writer.bits(value < 0 ? value + (1 << size) - 1 : value, size)
  const difference = (component: number, value: number) => {
    const change = value - (predictors.get(component) ?? 0)
    predictors.set(component, value)
    writer.symbol(sizeOf(change))
    signed(change, sizeOf(change))
  }
  const endBands = () => {
    if (bands === 0) return
    const size = sizeOf(bands) - 1
    writer.symbol(size << 4)
    writer.bits(bands, size)
    for (const bit of corrections) writer.bits(bit, 1)
    bands = 0
    corrections = []
  }
  const sequential = (component: number, block: Int16Array) => {
    difference(component, block[0])
    let run = 0
    for (let k = 1; k < 64; k++) {
      const value = block[ZIGZAG[k]]
      if (value === 0) {
        run++
        continue
      }
      for (; run > 15; run -= 16) writer.symbol(0xf0)
      writer.symbol((run << 4) | sizeOf(value))
      signed(value, sizeOf(value))
      run = 0
    }
    if (run > 0) writer.symbol(0)
  }
  const band = (block: Int16Array) => {
    let run = 0
    for (let k = start; k <= end; k++) {
      const whole = block[ZIGZAG[k]]
      const value = whole < 0 ? -(-whole >> low) : whole >> low
      if (value === 0) {
        run++
        continue
      }
      endBands()
      for (; run > 15; run -= 16) writer.symbol(0xf0)
      writer.symbol((run << 4) | sizeOf(value))
      signed(value, sizeOf(value))
      run = 0
    }
    if (run > 0 && ++bands === 0x7fff) endBands()
  }
  const refinement = (block: Int16Array) => {
    const sizes = Array.from({ length: end + 1 }, (_, k) => Math.abs(block[ZIGZAG[k]]) >> low)
    const last = sizes.lastIndexOf(1)
    let run = 0
    let own: number[] = []
    for (let k = start; k <= end; k++) {
      if (sizes[k] === 0) {
        run++
        continue
      }
      while (run > 15 && k <= last) {
        endBands()
        writer.symbol(0xf0)
        for (const bit of own) writer.bits(bit, 1)
        own = []
        run -= 16
      }
      if (sizes[k] > 1) {
        own.push(sizes[k] & 1)
        continue
      }
      endBands()
      writer.symbol((run << 4) | 1)
      writer.bits(block[ZIGZAG[k]] < 0 ? 0 : 1, 1)
      for (const bit of own) writer.bits(bit, 1)
      own = []
      run = 0
    }
    if (run === 0 && own.length === 0) return
    corrections.push(...own)
    if (++bands === 0x7fff) endBands()
  }
  const write = (component: number, block: Int16Array) => {
    if (!progressive) sequential(component, block)
    else if (start === 0) {
      if (high === 0) difference(component, block[0] >> low)
      else writer.bits(block[0] >> low, 1)
    } else if (high === 0) band(block)
    else refinement(block)
  }

  let units = 0
  for (const unit of unitsOf(picture, scan.of)) {
    if (restartInterval > 0 && units > 0 && units % restartInterval === 0) {
      endBands()
      writer.align()
      writer.bytes.push(0xff, 0xd0 + ((units / restartInterval - 1) & 7))
      predictors.clear()
    }
    units++
    for (const { component, block } of unit) write(component, block)
  }
  endBands()
  writer.align()
  return Uint8Array.from(writer.bytes)
}

/** The size of a picture in whole units. */
export function unitsIn({
  width,
  height,
  components,
}: Pick<Picture, 'width' | 'height'> & { components: readonly { h: number; v: number }[] }) {
  const h = Math.max(...components.map((component) => component.h))
  const v = Math.max(...components.map((component) => component.v))
  return { h, v, columns: Math.ceil(width / (8 * h)), rows: Math.ceil(height / (8 * v)) }
}

/** The blocks of each unit of a scan, in the order in which they are written. */
function unitsOf(picture: Picture, of: readonly number[]): { component: number; block: Int16Array }[][] {
  const units = unitsIn(picture)
  const result: { component: number; block: Int16Array }[][] = []
  if (of.length === 1) {
    const [component] = of
    const { h, v, blocks } = picture.components[component]
    const stride = units.columns * h
    const columns = Math.ceil((picture.width * h) / (8 * units.h))
    const rows = Math.ceil((picture.height * v) / (8 * units.v))
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) result.push([{ component, block: blocks[y * stride + x] }])
    return result
  }
  for (let row = 0; row < units.rows; row++) {
    for (let column = 0; column < units.columns; column++) {
      result.push(
        of.flatMap((component) => {
          const { h, v, blocks } = picture.components[component]
          const stride = units.columns * h
          return Array.from({ length: h * v }, (_, k) => {
            const [y, x] = [row * v + Math.floor(k / h), column * h + (k % h)]
            return { component, block: blocks[y * stride + x] }
          })
        }),
      )
    }
  }
  return result
}
