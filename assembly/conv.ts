// Convolution with odd square kernels and "same" borders, forward. Twin: core/kernels/conv.ts.
// Images are NHWC. What comes in has gone through a relu or a pooling, and at least half of it is zeros, or it is a picture
// with ink in the middle: only the rest is walked. Lanes lie on outputs, so that sums keep their plain order.

import { gather } from './gather'
import { convolvePicture } from './picture'
import { listRows } from './rows'
import { snap } from './snap'

/**
 * y[n,h,w,o] = snap(b[o] + sum x[n,h+ky-p,w+kx-p,i] w[ky,kx,i,o]), p = (K-1)/2.
 * y[N,H,W,O], x[N,H,W,I], w[K,K,I,O], b[O]; scratch of convScratch bytes.
 * Sums b first, then over ky, kx, i ascending, leaving out what is outside or zero (w is finite, so where I is 1 zeros may
 * be included); rounds at every operation.
 * y and scratch must not overlap the others; overwrites.
 * |error| <= (K K I + 1) 2^-24 sum |x w| to first order.
 */
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
): void {
  const biases = scratch + ((2 * H + (H + K - 1) * (W + K - 1)) << 2)
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
    if (I === 1) convolvePicture(y, x, w, biases, scratch, H, W, O, K)
    else {
      listRows(scratch, x, H, W, I)
      gather(y, x, w, b, scratch, H, W, I, O, K)
    }
    x += (<usize>(H * W * I)) << 2
    y += (<usize>(H * W * O)) << 2
  }
}
