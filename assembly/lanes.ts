// Four neighbouring values, each in every lane of a vector: two ways, of which one suits x86 and the other ARM.

/** Each value is loaded. x86 has load units to spare, and none for more shuffles. */
export class Loads {}

/** The four are loaded at once. On 32-bit ARM engines check the bounds of each load, which takes more instructions than a shuffle. */
export class Shuffles {
  a: i32
}

const ZERO = memory.data(4, 4)

/** Whether Shuffles are faster here. The NaN of 0 / 0 tells: x86 gives it a sign, and ARM does not. Results are the same. */
export const SHUFFLES = reinterpret<i32>(load<f32>(ZERO) / load<f32>(ZERO)) > 0

/** What the functions below need of the four values at `at`. */
export function loadFour<Way>(at: usize): v128 {
  return offsetof<Way>() ? v128.load(at) : f32x4.splat(0)
}

/** The first of the four values at `at`, in every lane. */
export function lane0<Way>(four: v128, at: usize): v128 {
  return offsetof<Way>() ? v128.shuffle<f32>(four, four, 0, 0, 0, 0) : v128.load_splat<f32>(at)
}

/** The second of them. */
export function lane1<Way>(four: v128, at: usize): v128 {
  return offsetof<Way>() ? v128.shuffle<f32>(four, four, 1, 1, 1, 1) : v128.load_splat<f32>(at, 4)
}

/** The third of them. */
export function lane2<Way>(four: v128, at: usize): v128 {
  return offsetof<Way>() ? v128.shuffle<f32>(four, four, 2, 2, 2, 2) : v128.load_splat<f32>(at, 8)
}

/** The fourth of them. */
export function lane3<Way>(four: v128, at: usize): v128 {
  return offsetof<Way>() ? v128.shuffle<f32>(four, four, 3, 3, 3, 3) : v128.load_splat<f32>(at, 12)
}
