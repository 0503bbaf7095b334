// Tiles: sums that stay in registers while the values they add up are walked. A loop over a tile is written once, as a
// generic function, and compiled for each size of tile and type of sum.
//
// `Tile` is a class of as many bytes as the tile has sums. Classes serve as numbers here because the compiler evaluates
// `if (offsetof<Tile>() > 4)` and leaves out what a smaller tile does not have. `T` is the type of one sum: v128, four lanes,
// in the build with SIMD, and f32 in the other.

import { snap, snap4 } from './snap'

export class One {
  a: i8
}

export class Two {
  a: i16
}

export class Three {
  a: i8
  b: i8
  c: i8
}

export class Four {
  a: i32
}

export class Six {
  a: i32
  b: i16
}

export class Eight {
  a: i64
}

export class Nine {
  a: i64
  b: i8
}

export class Ten {
  a: i64
  b: i16
}

export class Twelve {
  a: i64
  b: i32
}

/** The f32 at `at`, in every lane. */
export function splat<T>(at: usize): T {
  if (isVector<T>()) return v128.load_splat<f32>(at)
  else return load<f32>(at)
}

/** sum + v * x; rounds twice. */
export function addProduct<T>(sum: T, v: T, x: T): T {
  if (isVector<T>()) return f32x4.add(sum, f32x4.mul(v, x))
  else return sum + v * x
}

/** snap of one value, or of four lanes. */
export function snapped<T>(v: T): T {
  if (isVector<T>()) return snap4(v)
  else return snap(v)
}
