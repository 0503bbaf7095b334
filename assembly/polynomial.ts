// exp and log in f32, one value and four lanes alike. Coefficients: Cephes expf.c and logf.c (Moshier, 1992).
// No float-to-int conversion: rounding to an integer is adding and subtracting 1.5 * 2^23, whose low bits are the integer.

/** e^x; 0 for x < -87.3, +Inf from 88.7228 on. Relative error < 1.2e-7. */
export function exp1(x: f32): f32 {
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
  // 2^k in two halves, so that neither leaves the normal range
  const half: i32 = k >> 1
  const y: f32 = p * reinterpret<f32>((half + 127) << 23) * reinterpret<f32>((k - half + 127) << 23)
  return x < <f32>-87.3 ? 0 : x > 89 ? <f32>Infinity : y
}

/** exp1 on four lanes. */
export function exp4(x: v128): v128 {
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(12582912))
  const n = f32x4.sub(shifted, f32x4.splat(12582912))
  const k = i32x4.sub(shifted, i32x4.splat(0x4b400000))
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.1219444e-4)))
  let p = f32x4.add(f32x4.mul(f32x4.splat(1.98756915e-4), r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1))
  const half = i32x4.shr_s(k, 1)
  const low = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23)
  const high = i32x4.shl(i32x4.add(i32x4.sub(k, half), i32x4.splat(127)), 23)
  const y = f32x4.mul(f32x4.mul(p, low), high)
  const bounded = v128.bitselect(f32x4.splat(<f32>Infinity), y, f32x4.gt(x, f32x4.splat(89)))
  return v128.andnot(bounded, f32x4.lt(x, f32x4.splat(-87.3)))
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
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3))
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23))
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3))
  const f = f32x4.sub(m, f32x4.splat(1))
  const z = f32x4.mul(f, f)
  let p = f32x4.add(f32x4.mul(f32x4.splat(7.0376836292e-2), f), f32x4.splat(-1.151461031e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1))
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1))
  p = f32x4.add(f32x4.mul(f32x4.mul(p, f), z), f32x4.mul(e, f32x4.splat(-2.1219444e-4)))
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)))
  const y = f32x4.add(f32x4.add(f, p), f32x4.mul(e, f32x4.splat(0.693359375)))
  const infinite = f32x4.splat(<f32>Infinity)
  const ordinary = v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.lt(x, infinite))
  const odd = v128.bitselect(f32x4.splat(<f32>NaN), x, f32x4.lt(x, f32x4.splat(0)))
  const tiny = f32x4.lt(f32x4.abs(x), f32x4.splat(1.1754943508222875e-38))
  return v128.bitselect(f32x4.neg(infinite), v128.bitselect(y, odd, ordinary), tiny)
}
