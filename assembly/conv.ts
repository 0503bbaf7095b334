// Convolution with odd square kernels and "same" borders, forward. Twin: core/kernels/conv.ts.
// The input is the output of a relu or a pooling, at least half of which is zeros, or a picture with ink in the middle. Only the
// values that are not zero are walked. Lanes lie on outputs, so that sums keep their plain order.

import { gather } from './gather'
import { convolvePicture } from './picture'
import { listRows } from './rows'
import { snap } from './snap'

export function convForward(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  N: i32,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
  S: i32,
): void {
  const biases = scratch + ((2 * H + (H + K - 1) * (W + K - 1)) << 2)
  const panel = (scratch + ((H * (W + 1) + H * W * I + 4) << 2) + 63) & ~63 // at the start of a line of the cache
  if (I === 1) {
    let to = biases
    for (let c = 0; c < W; c++) {
      for (let o = 0; o < O; o++) {
        store<f32>(to, snap(load<f32>(b + (o << 2))))
        to += 4
      }
    }
  }
  for (let n = 0; n < N; n++) {
    if (I === 1) convolvePicture(y, x, w, biases, scratch, H, W, O, K, S)
    else {
      listRows(scratch, x, H, W, I)
      gather(y, x, w, b, scratch, panel, H, W, I, O, K, S)
    }
    x += (<usize>(H * W * I)) << 2
    y += (<usize>(H * W * O)) << 2
  }
}
