/**
 * Unevenly lit paper: its colour as a quadratic surface over the picture, fitted to the pixels that look like paper. Photographs and
 * scans need it. The surface is exact to a fraction of a level.
 */

import type { Raster } from '../data/raster.ts'
import type { Paper } from './paper.ts'

/** Paper colour that varies across a picture. */
export interface Shade {
  /** Fills `out` with row y's colour: width reds, width greens, width blues, each rounded to 0..255. */
  row(y: number, out: Uint8Array): void
}

/** Coefficients of 1, x, y, x*x, x*y, y*y with x and y in -1..1. */
const TERMS = 6

/** Samples per side of the grid the surface is fitted to. */
const GRID = 48

/** Largest distance at which a sample counts as paper, levels of 0..255, for each pass: wide first, then close. */
const REACH = [40, 32, 24, 20] as const

/**
 * The paper's colour as a surface: four passes of least squares over the opaque samples near the surface of the pass before,
 * starting from the single colour `paper`. Each pass follows a gradient further. A grey picture has the same surface in all three
 * channels.
 */
export function fitShade(image: Raster, paper: Paper): Shade {
  const { width, height, channels, data } = image
  const count = channels === 4 ? 3 : 1
  const surface = [paper.red, paper.green, paper.blue].map((level) => Float64Array.of(level, 0, 0, 0, 0, 0))
  const stepX = Math.max(1, Math.floor(width / GRID))
  const stepY = Math.max(1, Math.floor(height / GRID))
  const terms = new Float64Array(TERMS)
  for (const reach of REACH) {
    const normal = new Float64Array(TERMS * TERMS)
    const right = surface.map(() => new Float64Array(TERMS))
    for (let y = stepY >> 1; y < height; y += stepY) {
      for (let x = stepX >> 1; x < width; x += stepX) {
        const i = (y * width + x) * channels
        if (channels === 4 && data[i + 3] < 255) continue
        setTerms(terms, unit(x, width), unit(y, height))
        let distance = 0
        for (let c = 0; c < count; c++) distance = Math.max(distance, Math.abs(data[i + c] - dot(terms, surface[c])))
        if (distance > reach) continue
        for (let j = 0; j < TERMS; j++) {
          for (let k = 0; k < TERMS; k++) normal[j * TERMS + k] += terms[j] * terms[k]
          for (let c = 0; c < count; c++) right[c][j] += terms[j] * data[i + c]
        }
      }
    }
    for (let c = 0; c < count; c++) {
      const solution = solve(normal, right[c])
      if (solution) surface[c] = solution
    }
  }
  return {
    row(y, out) {
      const v = unit(y, height)
      for (let c = 0; c < 3; c++) {
        const s = surface[c < count ? c : 0]
        const constant = s[0] + s[2] * v + s[5] * v * v
        const slope = s[1] + s[4] * v
        for (let x = 0; x < width; x++) {
          const u = unit(x, width)
          out[c * width + x] = Math.max(0, Math.min(255, constant + (slope + s[3] * u) * u + 0.5))
        }
      }
    },
  }
}

/** Pixel index 0..size-1 to -1..1. */
function unit(index: number, size: number): number {
  return (2 * index + 1) / size - 1
}

function setTerms(terms: Float64Array, x: number, y: number): void {
  terms[0] = 1
  terms[1] = x
  terms[2] = y
  terms[3] = x * x
  terms[4] = x * y
  terms[5] = y * y
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < TERMS; k++) sum += a[k] * b[k]
  return sum
}

/** Solves the symmetric system by Gaussian elimination with pivoting; undefined where it is singular. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array<ArrayBuffer> | undefined {
  const a = matrix.slice()
  const x = Float64Array.from(right)
  for (let k = 0; k < TERMS; k++) {
    let pivot = k
    for (let r = k + 1; r < TERMS; r++) {
      if (Math.abs(a[r * TERMS + k]) > Math.abs(a[pivot * TERMS + k])) pivot = r
    }
    if (Math.abs(a[pivot * TERMS + k]) < 1e-6) return undefined
    if (pivot !== k) {
      for (let c = 0; c < TERMS; c++) {
        const t = a[k * TERMS + c]
        a[k * TERMS + c] = a[pivot * TERMS + c]
        a[pivot * TERMS + c] = t
      }
      const t = x[k]
      x[k] = x[pivot]
      x[pivot] = t
    }
    for (let r = k + 1; r < TERMS; r++) {
      const factor = a[r * TERMS + k] / a[k * TERMS + k]
      for (let c = k; c < TERMS; c++) a[r * TERMS + c] -= factor * a[k * TERMS + c]
      x[r] -= factor * x[k]
    }
  }
  for (let k = TERMS - 1; k >= 0; k--) {
    for (let c = k + 1; c < TERMS; c++) x[k] -= a[k * TERMS + c] * x[c]
    x[k] /= a[k * TERMS + k]
  }
  return x
}
