// From the bytes of an image to the inputs of the first layer, and to the index of those that are not zero.
// Twin: core/kernels/input.ts.

// By byte: how many of its bits are set, and the places of these, ascending, followed by zeros.
const COUNTS = memory.data(256, 16)
const PLACES = memory.data(2048, 16)

if (ASC_FEATURE_SIMD) {
  for (let byte = 0; byte < 256; byte++) {
    let count = 0
    for (let bit = 0; bit < 8; bit++) {
      if (byte & (1 << bit)) store<u8>(PLACES + (byte << 3) + count++, bit)
    }
    store<u8>(COUNTS + byte, count)
  }
}

export function inputFromBytes(y: usize, x: usize, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const scale = f32x4.splat(<f32>0.003921568859368563)
    for (; i < L - 7; i += 8) {
      const wide = v128.load_ext<u8>(x + i)
      const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(wide))
      const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(wide))
      v128.store(y + (i << 2), f32x4.mul(low, scale))
      v128.store(y + (i << 2) + 16, f32x4.mul(high, scale))
    }
  }
  for (; i < L; i++) store<f32>(y + (i << 2), <f32>load<u8>(x + i) * <f32>0.003921568859368563)
}

export function sparseIndex(index: usize, x: usize, N: i32, I: i32): void {
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    const inputs = x + ((n * I) << 2)
    let next = row + 4
    let i = 0
    if (ASC_FEATURE_SIMD) {
      const zero = i32x4.splat(0)
      for (; i < I - 15; i += 16) {
        const at = inputs + (i << 2)
        // narrowing saturates, so values that are not zero stay so
        const low = i16x8.narrow_i32x4_s(magnitudes(at), magnitudes(at + 16))
        const high = i16x8.narrow_i32x4_s(magnitudes(at + 32), magnitudes(at + 48))
        const mask = i8x16.bitmask(i8x16.ne(i8x16.narrow_i16x8_s(low, high), zero))
        // Half of a picture are stretches of paper: this branch is predicted often enough. One for each eight would not be.
        if (mask === 0) continue
        next = list8(next, i, mask & 255)
        next = list8(next, i + 8, mask >> 8)
      }
    }
    for (; i < I; i++) {
      // every entry is written, and kept only if the input is not zero: no branch can be mispredicted
      store<i32>(next, i)
      next += (<usize>(load<f32>(inputs + (i << 2)) !== 0)) << 2
    }
    store<i32>(row, <i32>((next - row) >> 2) - 1)
  }
}

export function sparseFromBytes(y: usize, index: usize, x: usize, N: i32, I: i32): void {
  for (let n = 0; n < N; n++) {
    const row = index + ((n * (I + 1)) << 2)
    let next = row + 4
    let i = 0
    if (ASC_FEATURE_SIMD) {
      const zero = i32x4.splat(0)
      const scale = f32x4.splat(<f32>0.003921568859368563)
      for (; i < I - 15; i += 16) {
        const bytes = v128.load(x + i)
        const mask = i8x16.bitmask(i8x16.ne(bytes, zero))
        const low = i16x8.extend_low_i8x16_u(bytes)
        const high = i16x8.extend_high_i8x16_u(bytes)
        const to = y + (i << 2)
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)), scale))
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), scale), 16)
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), scale), 32)
        v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), scale), 48)
        next = list8(next, i, mask & 255)
        next = list8(next, i + 8, mask >> 8)
      }
    }
    for (; i < I; i++) {
      const byte = load<u8>(x + i)
      store<f32>(y + (i << 2), <f32>byte * <f32>0.003921568859368563)
      store<i32>(next, i)
      next += (<usize>(byte !== 0)) << 2
    }
    store<i32>(row, <i32>((next - row) >> 2) - 1)
    x += I
    y += (<usize>I) << 2
  }
}

// Four values without their signs, doubled, as integers: as floats NEON treats subnormals as 0.
function magnitudes(x: usize): v128 {
  return i32x4.shl(v128.load(x), 1)
}

// Writes `first` plus the place of each bit of a mask, and undefined places up to eight. At most `first` places are listed
// already, so all eight stay inside the row. Returns where the next place goes.
function list8(next: usize, first: i32, mask: i32): usize {
  const places = v128.load_ext<u8>(PLACES + (mask << 3))
  const start = i32x4.splat(first)
  v128.store(next, i32x4.add(start, i32x4.extend_low_i16x8_u(places)))
  v128.store(next, i32x4.add(start, i32x4.extend_high_i16x8_u(places)), 16)
  return next + ((<usize>load<u8>(COUNTS + mask)) << 2)
}
