/** Twin of assembly/direction.ts: gradient direction features, for nearest neighbours. */

import type { Kernels } from '../kernels.ts'

const SIZE = 28 // px
const ZONES = 5 // along each side
const SPACING = 56 // of zone centres, in tenths of a px

export function directionKernels(memory: ArrayBuffer): Pick<Kernels, 'directions'> {
  const bytes = new Uint8Array(memory)
  const integers = new Int32Array(memory)

  // Adds one gradient to the up to four zones around its pixel.
  function spread(sums: number, row: number, column: number, gx: number, gy: number): void {
    const [ax, ay] = [Math.abs(gx), Math.abs(gy)]
    const straight = Math.abs(ax - ay)
    const oblique = (Math.min(ax, ay) * 181) >> 7
    const axis = ax < ay ? (gy < 0 ? 6 : 2) : gx < 0 ? 4 : 0
    const diagonal = gx < 0 ? (gy < 0 ? 5 : 3) : gy < 0 ? 7 : 1
    // the zones on either side: v and v + 1, whose centres are at 28 + 56 v tenths of a px
    const v = Math.floor((10 * row - 23) / SPACING)
    const h = Math.floor((10 * column - 23) / SPACING)
    const below = 10 * row - 23 - v * SPACING
    const right = 10 * column - 23 - h * SPACING
    for (let i = 0; i < 4; i++) {
      const zoneRow = v + (i >> 1)
      const zoneColumn = h + (i & 1)
      if (zoneRow < 0 || zoneRow >= ZONES || zoneColumn < 0 || zoneColumn >= ZONES) continue
      const weight = (i & 2 ? below : SPACING - below) * (i & 1 ? right : SPACING - right)
      const zone = sums + (zoneRow * ZONES + zoneColumn) * 8
      integers[zone + axis] += weight * straight
      integers[zone + diagonal] += weight * oblique
    }
  }

  return {
    directions(f, sums, x) {
      const totals = sums >> 2
      integers.fill(0, totals, totals + 200)
      for (let row = 1; row < SIZE - 1; row++) {
        for (let column = 1; column < SIZE - 1; column++) {
          const at = x + row * SIZE + column
          const northWest = bytes[at - SIZE - 1]
          const northEast = bytes[at - SIZE + 1]
          const southWest = bytes[at + SIZE - 1]
          const southEast = bytes[at + SIZE + 1]
          const gx = northEast + 2 * bytes[at + 1] + southEast - northWest - 2 * bytes[at - 1] - southWest
          const gy = southWest + 2 * bytes[at + SIZE] + southEast - northWest - 2 * bytes[at - SIZE] - northEast
          if ((gx | gy) !== 0) spread(totals, row, column, gx, gy)
        }
      }
      for (let i = 0; i < 200; i++) bytes[f + i] = Math.min(255, Math.floor(Math.sqrt(integers[totals + i] >> 9)))
    },
  }
}
