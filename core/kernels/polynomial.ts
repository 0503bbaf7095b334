/** Twin of assembly/polynomial.ts: exp and log in f32. Coefficients: Cephes expf.c and logf.c (Moshier, 1992). */

const { fround } = Math

const LOG2E = fround(Math.LOG2E)
const LN2_HIGH = fround(0.693359375) // 9 bits: its product with an exponent is exact
const LN2_LOW = fround(-2.1219444e-4)
const ROUND = 12582912 // 1.5 * 2^23: adding and subtracting it rounds to an integer

const E0 = fround(1.98756915e-4)
const E1 = fround(1.3981999507e-3)
const E2 = fround(8.3334519073e-3)
const E3 = fround(4.1665795894e-2)
const E4 = fround(1.6666665459e-1)
const E5 = fround(5.0000001201e-1)
const EXP_LOWEST = fround(-87.3)

// 2^k for k in -64..64, which are the factors of every power of two in exp1
const POWERS = Float32Array.from({ length: 129 }, (_, i) => 2 ** (i - 64))

/** e^x for an f32 x; 0 for x < -87.3, +Inf from 88.7228 on. Relative error < 1.2e-7. */
export function exp1(x: number): number {
  if (x < EXP_LOWEST) return 0
  if (x > 89) return Infinity
  if (Number.isNaN(x)) return x
  const n = fround(fround(fround(x * LOG2E) + ROUND) - ROUND)
  const r = fround(fround(x - fround(n * LN2_HIGH)) - fround(n * LN2_LOW))
  let p = fround(fround(E0 * r) + E1)
  p = fround(fround(p * r) + E2)
  p = fround(fround(p * r) + E3)
  p = fround(fround(p * r) + E4)
  p = fround(fround(p * r) + E5)
  p = fround(fround(fround(p * fround(r * r)) + r) + 1)
  const half = n >> 1
  return fround(fround(p * POWERS[half + 64]) * POWERS[n - half + 64])
}

const L0 = fround(7.0376836292e-2)
const L1 = fround(-1.151461031e-1)
const L2 = fround(1.167699874e-1)
const L3 = fround(-1.2420140846e-1)
const L4 = fround(1.4249322787e-1)
const L5 = fround(-1.6668057665e-1)
const L6 = fround(2.0000714765e-1)
const L7 = fround(-2.4999993993e-1)
const L8 = fround(3.3333331174e-1)
const SMALLEST_NORMAL = 1.1754943508222875e-38 // 2^-126
const SQRT_HALF_BITS = 0x3f3504f3

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** ln x for an f32 x; -Inf for |x| < 2^-126, NaN for x < 0. */
export function log1(x: number): number {
  if (x < SMALLEST_NORMAL && x > -SMALLEST_NORMAL) return -Infinity
  if (!(x > 0 && x < Infinity)) return x < 0 ? NaN : x
  float[0] = x
  const shifted = bits[0] - SQRT_HALF_BITS
  const e = shifted >> 23
  bits[0] = (shifted & 0x7fffff) + SQRT_HALF_BITS
  const f = fround(float[0] - 1)
  const z = fround(f * f)
  let p = fround(fround(L0 * f) + L1)
  p = fround(fround(p * f) + L2)
  p = fround(fround(p * f) + L3)
  p = fround(fround(p * f) + L4)
  p = fround(fround(p * f) + L5)
  p = fround(fround(p * f) + L6)
  p = fround(fround(p * f) + L7)
  p = fround(fround(p * f) + L8)
  p = fround(fround(fround(p * f) * z) + fround(e * LN2_LOW))
  p = fround(p - fround(z * 0.5))
  return fround(fround(f + p) + fround(e * LN2_HIGH))
}
