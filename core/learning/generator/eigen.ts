/** Eigenvalues and eigenvectors of small symmetric matrices, with + - * / and sqrt only: the same on every machine. */

const MAX_SWEEPS = 40 // about ten are needed
const ROUNDING = 1e-13 // share of the largest diagonal element below which an element counts as zero

export interface Eigen {
  readonly values: Float64Array // [n], descending
  readonly vectors: Float64Array // [n, n], orthonormal rows; row i belongs to value i
}

/**
 * By rotations that make one pair of elements zero at a time, row by row (Jacobi 1846).
 * @param matrix [n, n] row-major, symmetric; not changed
 */
export function eigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice()
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let largest = 0
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]))
    let rotated = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) <= largest * ROUNDING) continue
        rotate(a, v, n, p, q)
        rotated = true
      }
    }
    if (!rotated) break
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j)
  const vectors = new Float64Array(n * n)
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), to * n)
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors }
}

// Makes a[p][q] zero, and applies the same rotation to the rows of v.
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const ratio = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
  const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p], a[k * n + q]]
    a[k * n + p] = c * kp - s * kq
    a[k * n + q] = s * kp + c * kq
  }
  rotateRows(a, n, p, q, c, s)
  rotateRows(v, n, p, q, c, s)
  a[p * n + q] = 0
  a[q * n + p] = 0
}

function rotateRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [m[p * n + k], m[q * n + k]]
    m[p * n + k] = c * pk - s * qk
    m[q * n + k] = s * pk + c * qk
  }
}
