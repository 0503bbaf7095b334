// Gradient direction features, for nearest neighbours. Twin: core/kernels/direction.ts.

const SIZE = 28 // px
const ZONES = 5 // along each side
const SPACING = 56 // of zone centres, in tenths of a px

// The square root of an integer is exact or lies between two integers, so its floor is exact.
export function directions(f: usize, sums: usize, x: usize): void {
  for (let i = 0; i < 200; i++) store<i32>(sums + (i << 2), 0)
  for (let row = 1; row < SIZE - 1; row++) {
    for (let column = 1; column < SIZE - 1; column++) {
      const at = x + row * SIZE + column
      const northWest = <i32>load<u8>(at - SIZE - 1)
      const north = <i32>load<u8>(at - SIZE)
      const northEast = <i32>load<u8>(at - SIZE + 1)
      const west = <i32>load<u8>(at - 1)
      const east = <i32>load<u8>(at + 1)
      const southWest = <i32>load<u8>(at + SIZE - 1)
      const south = <i32>load<u8>(at + SIZE)
      const southEast = <i32>load<u8>(at + SIZE + 1)
      const gx = northEast + 2 * east + southEast - northWest - 2 * west - southWest
      const gy = southWest + 2 * south + southEast - northWest - 2 * north - northEast
      if ((gx | gy) !== 0) spread(sums, row, column, gx, gy)
    }
  }
  for (let i = 0; i < 200; i++) {
    const root = <i32>sqrt<f64>(<f64>(load<i32>(sums + (i << 2)) >> 9))
    store<u8>(f + i, root < 255 ? root : 255)
  }
}

// Adds one gradient to the up to four zones around its pixel.
function spread(sums: usize, row: i32, column: i32, gx: i32, gy: i32): void {
  const ax = gx < 0 ? -gx : gx
  const ay = gy < 0 ? -gy : gy
  const straight = ax < ay ? ay - ax : ax - ay
  const oblique = ((ax < ay ? ax : ay) * 181) >> 7
  const axis = ax < ay ? (gy < 0 ? 6 : 2) : gx < 0 ? 4 : 0
  const diagonal = gx < 0 ? (gy < 0 ? 5 : 3) : gy < 0 ? 7 : 1
  // the zones on either side: v and v + 1, whose centres are at 28 + 56 v tenths of a px
  const v = (10 * row + 33) / SPACING - 1
  const h = (10 * column + 33) / SPACING - 1
  const below = 10 * row - 23 - v * SPACING
  const right = 10 * column - 23 - h * SPACING
  for (let i = 0; i < 4; i++) {
    const zoneRow = v + (i >> 1)
    const zoneColumn = h + (i & 1)
    if (zoneRow < 0 || zoneRow >= ZONES || zoneColumn < 0 || zoneColumn >= ZONES) continue
    const weight = (i & 2 ? below : SPACING - below) * (i & 1 ? right : SPACING - right)
    const zone = sums + ((zoneRow * ZONES + zoneColumn) << 5)
    store<i32>(zone + (axis << 2), load<i32>(zone + (axis << 2)) + weight * straight)
    store<i32>(zone + (diagonal << 2), load<i32>(zone + (diagonal << 2)) + weight * oblique)
  }
}
