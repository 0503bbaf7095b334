// Snapping to zero, and storing the last few lanes of a row: all families need them for their outputs.

// It is loaded, because engines build a vector constant at each use, in up to six instructions.
const LEAST = memory.data<f32>([8.881784197001252e-16], 4)

/** +0 if |x| < 2^-50, else x, also if x is NaN. */
export function snap(x: f32): f32 {
  return abs(x) < <f32>8.881784197001252e-16 ? 0 : x
}

/** snap on four lanes. */
export function snap4(v: v128): v128 {
  return snapBelow(v, least4())
}

/** 2^-50 in four lanes, for a loop that keeps it and calls snapBelow. */
export function least4(): v128 {
  return v128.load_splat<f32>(LEAST)
}

/** Lanes whose magnitude is less than `least` become +0. */
export function snapBelow(v: v128, least: v128): v128 {
  return v128.andnot(v, f32x4.lt(f32x4.abs(v), least))
}

/** Stores the first `lanes` lanes of v: all four if lanes >= 4, none if lanes <= 0. */
export function storeLanes(y: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(y, v)
  } else if (lanes > 0) {
    if (lanes & 2) {
      v128.store_lane<i64>(y, v, 0)
      if (lanes & 1) v128.store_lane<f32>(y + 8, v, 2)
    } else {
      v128.store_lane<f32>(y, v, 0)
    }
  }
}

/** Adds the first `lanes` lanes of v to those at y: none if lanes <= 0. */
export function addLanes(y: usize, v: v128, lanes: i32): void {
  if (lanes > 0) storeLanes(y, f32x4.add(v128.load(y), v), lanes)
}
