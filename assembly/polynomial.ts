// exp and log in f32, one value and four lanes alike. Coefficients: Cephes expf.c and logf.c (Moshier, 1992).
// Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits; no conversion from float to integer is needed.
// The vector forms load their constants: engines build a vector constant at each use, in up to six instructions.

const INFINITY = memory.data<f32>([Infinity], 4)
const ONE = memory.data<f32>([1], 4)
const HALF = memory.data<f32>([0.5], 4)

const LOG2_E = memory.data<f32>([1.4426950408889634], 4)
const ROUNDING = memory.data<f32>([12582912], 4)
const LN2_HIGH = memory.data<f32>([0.693359375], 4)
const LN2_LOW = memory.data<f32>([-2.1219444e-4], 4)
const EXP = memory.data<f32>(
  [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  4,
)
const EXP_MOST = memory.data<f32>([88.72283172607422], 4) // the last whose e^x is finite
const EXP_LEAST = memory.data<f32>([-87.3], 4)

const LOG = memory.data<f32>(
  [
    7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  ],
  4,
)
const ROOT_HALF_BITS = memory.data<i32>([0x3f3504f3], 4)
const FRACTION_BITS = memory.data<i32>([0x7fffff], 4)
const LEAST_NORMAL = memory.data<f32>([1.1754943508222875e-38], 4)
const NOT_A_NUMBER = memory.data<f32>([NaN], 4)

function all(constant: usize): v128 {
  return v128.load_splat<f32>(constant)
}

// e^x; 0 for x < -87.3, +Inf from 88.7228 on. Relative error < 1.2e-7.
function exp1(x: f32): f32 {
  const shifted: f32 = x * <f32>1.4426950408889634 + <f32>12582912
  const n: f32 = shifted - <f32>12582912
  const k: i32 = reinterpret<i32>(shifted) - 0x4b400000
  const r: f32 = x - n * <f32>0.693359375 - n * <f32>-2.1219444e-4
  let p: f32 = <f32>1.98756915e-4 * r + <f32>1.3981999507e-3
  p = p * r + <f32>8.3334519073e-3
  p = p * r + <f32>4.1665795894e-2
  p = p * r + <f32>1.6666665459e-1
  p = p * r + <f32>5.0000001201e-1
  p = p * (r * r) + r + 1
  // 2^k is split in two factors, so that neither leaves the normal range
  const half: i32 = k >> 1
  const y: f32 = p * reinterpret<f32>((half + 127) << 23) * reinterpret<f32>((k - half + 127) << 23)
  return x < <f32>-87.3 ? 0 : x > 89 ? <f32>Infinity : y
}

/** y = e^(sign x): y[L], x[L], sign 1 or -1. y may be x. All kernels share this loop, so that it contains no call. */
export function exponentiate(y: usize, x: usize, sign: f32, L: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD) {
    const signs = f32x4.splat(sign)
    for (; i < L - 7; i += 8) exp8(y + (i << 2), x + (i << 2), signs)
  }
  for (; i < L; i++) store<f32>(y + (i << 2), exp1(load<f32>(x + (i << 2)) * sign))
}

// exp1 on eight values. Two vectors share the constants, and one is computed while the other waits for its last result.
function exp8(y: usize, x: usize, signs: v128): void {
  const xa = f32x4.mul(v128.load(x), signs)
  const xb = f32x4.mul(v128.load(x, 16), signs)
  let c = all(LOG2_E)
  const rounding = all(ROUNDING)
  const ka = f32x4.add(f32x4.mul(xa, c), rounding)
  const kb = f32x4.add(f32x4.mul(xb, c), rounding)
  const na = f32x4.sub(ka, rounding)
  const nb = f32x4.sub(kb, rounding)
  c = all(LN2_HIGH)
  let ra = f32x4.sub(xa, f32x4.mul(na, c))
  let rb = f32x4.sub(xb, f32x4.mul(nb, c))
  c = all(LN2_LOW)
  ra = f32x4.sub(ra, f32x4.mul(na, c))
  rb = f32x4.sub(rb, f32x4.mul(nb, c))
  c = all(EXP)
  let pa = f32x4.mul(c, ra)
  let pb = f32x4.mul(c, rb)
  c = all(EXP + 4)
  pa = f32x4.mul(f32x4.add(pa, c), ra)
  pb = f32x4.mul(f32x4.add(pb, c), rb)
  c = all(EXP + 8)
  pa = f32x4.mul(f32x4.add(pa, c), ra)
  pb = f32x4.mul(f32x4.add(pb, c), rb)
  c = all(EXP + 12)
  pa = f32x4.mul(f32x4.add(pa, c), ra)
  pb = f32x4.mul(f32x4.add(pb, c), rb)
  c = all(EXP + 16)
  pa = f32x4.mul(f32x4.add(pa, c), ra)
  pb = f32x4.mul(f32x4.add(pb, c), rb)
  c = all(EXP + 20)
  pa = f32x4.mul(f32x4.add(pa, c), f32x4.mul(ra, ra))
  pb = f32x4.mul(f32x4.add(pb, c), f32x4.mul(rb, rb))
  c = all(ONE)
  pa = f32x4.add(f32x4.add(pa, ra), c)
  pb = f32x4.add(f32x4.add(pb, rb), c)
  // where p 2^k is finite, k is added to the exponent of p (the shift leaves only k); else the result is +Inf, or NaN if x is
  const most = all(EXP_MOST)
  c = all(INFINITY)
  pa = v128.bitselect(i32x4.add(pa, i32x4.shl(ka, 23)), f32x4.add(xa, c), f32x4.le(xa, most))
  pb = v128.bitselect(i32x4.add(pb, i32x4.shl(kb, 23)), f32x4.add(xb, c), f32x4.le(xb, most))
  const least = all(EXP_LEAST)
  v128.store(y, v128.andnot(pa, f32x4.lt(xa, least)))
  v128.store(y, v128.andnot(pb, f32x4.lt(xb, least)), 16)
}

/** ln x; -Inf for |x| < 2^-126, NaN for x < 0. */
export function log1(x: f32): f32 {
  if (abs(x) < <f32>1.1754943508222875e-38) return -(<f32>Infinity)
  if (!(x > 0 && x < <f32>Infinity)) return x < 0 ? <f32>NaN : x
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2))
  const bits = reinterpret<i32>(x) - 0x3f3504f3
  const e: f32 = <f32>(bits >> 23)
  const f: f32 = reinterpret<f32>((bits & 0x7fffff) + 0x3f3504f3) - 1
  const z: f32 = f * f
  let p: f32 = <f32>7.0376836292e-2 * f + <f32>-1.151461031e-1
  p = p * f + <f32>1.167699874e-1
  p = p * f + <f32>-1.2420140846e-1
  p = p * f + <f32>1.4249322787e-1
  p = p * f + <f32>-1.6668057665e-1
  p = p * f + <f32>2.0000714765e-1
  p = p * f + <f32>-2.4999993993e-1
  p = p * f + <f32>3.3333331174e-1
  p = p * f * z + e * <f32>-2.1219444e-4 - z * <f32>0.5
  return f + p + e * <f32>0.693359375
}

/** log1 on four lanes. */
export function log4(x: v128): v128 {
  const root = all(ROOT_HALF_BITS)
  const bits = i32x4.sub(x, root)
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23))
  const f = f32x4.sub(i32x4.add(v128.and(bits, all(FRACTION_BITS)), root), all(ONE))
  const z = f32x4.mul(f, f)
  let p = f32x4.add(f32x4.mul(all(LOG), f), all(LOG + 4))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 8))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 12))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 16))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 20))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 24))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 28))
  p = f32x4.add(f32x4.mul(p, f), all(LOG + 32))
  p = f32x4.add(f32x4.mul(f32x4.mul(p, f), z), f32x4.mul(e, all(LN2_LOW)))
  p = f32x4.sub(p, f32x4.mul(z, all(HALF)))
  const y = f32x4.add(f32x4.add(f, p), f32x4.mul(e, all(LN2_HIGH)))
  const infinite = all(INFINITY)
  const ordinary = v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, infinite))
  const odd = v128.bitselect(all(NOT_A_NUMBER), x, f32x4.lt(x, f32x4.splat(0)))
  const tiny = f32x4.lt(f32x4.abs(x), all(LEAST_NORMAL))
  return v128.bitselect(f32x4.neg(infinite), v128.bitselect(y, odd, ordinary), tiny)
}
