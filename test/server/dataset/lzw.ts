/** Packs as Unix `compress` does, for tests of unpacking. Its output has been read back with gzip. */

/** @param clearEvery bytes of input after which the table is forgotten, 0 for never */
export function packLzw(input: Uint8Array, most = 16, clearEvery = 0): Uint8Array {
  const bytes: number[] = [0x1f, 0x9d, 0x80 | most]
  let group: number[] = [] // up to eight codes of one width
  let [width, free] = [9, 257]
  let table = new Map<number, number>() // prefix * 256 + byte -> code
  const flush = (whole: boolean): void => {
    let [bits, count] = [0n, 0n]
    for (const code of group) {
      bits |= BigInt(code) << count
      count += BigInt(width)
    }
    const length = whole && group.length > 0 ? width : Math.ceil(Number(count) / 8)
    for (let i = 0; i < length; i++) bytes.push(Number((bits >> BigInt(8 * i)) & 255n))
    group = []
  }
  const write = (code: number): void => {
    group.push(code)
    if (group.length === 8) flush(true)
  }
  let prefix = -1
  for (const [i, byte] of input.entries()) {
    if (prefix < 0) {
      prefix = byte
      continue
    }
    const known = table.get(prefix * 256 + byte)
    if (known !== undefined) {
      prefix = known
      continue
    }
    write(prefix)
    if (free < 1 << most) table.set(prefix * 256 + byte, free++)
    // the reader's table is one string behind
    if (free > 1 << width && width < most) {
      flush(true)
      width++
    }
    prefix = byte
    if (clearEvery > 0 && i % clearEvery === clearEvery - 1) {
      write(256)
      flush(true)
      table = new Map()
      ;[width, free] = [9, 257]
    }
  }
  if (prefix >= 0) write(prefix)
  flush(false)
  return Uint8Array.from(bytes)
}
