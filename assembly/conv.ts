// Convolution with odd square kernels and "same" borders, forward and backward to inputs. Twin: core/kernels/conv.ts.
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

/**
 * dx[n,h,w,i] = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]): dy correlated with the kernel turned round.
 * dx[N,H,W,I], dy[N,H,W,O], w[K,K,I,O]; scratch of convBackwardScratch bytes.
 * Sums from +0 over ky and kx descending, then o ascending, leaving out what is outside or zero; rounds at every operation.
 * dx and scratch must not overlap the others; overwrites.
 * |error| <= K K O 2^-24 sum |dy w| to first order.
 */
export function convBackwardInput(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  N: i32,
  H: i32,
  W: i32,
  I: i32,
  O: i32,
  K: i32,
): void {
  // the kernel turned round, with inputs and outputs in each other's place; then as many zeros as biases
  const taps = K * K
  const turned = scratch + ((H * (W + 1) + H * W * O + 4) << 2)
  const zeros = turned + ((taps * O * I) << 2)
  for (let tap = 0; tap < taps; tap++) {
    const to = turned + ((tap * O * I) << 2)
    const from = w + (((taps - 1 - tap) * I * O) << 2)
    for (let i = 0; i < I; i++) {
      for (let o = 0; o < O; o++) store<f32>(to + ((o * I + i) << 2), load<f32>(from + ((i * O + o) << 2)))
    }
  }
  memory.fill(zeros, 0, (<usize>(I + 4)) << 2)
  for (let n = 0; n < N; n++) {
    listRows(scratch, dy, H, W, O)
    gather(dx, dy, turned, zeros, scratch, H, W, O, I, K)
    dy += (<usize>(H * W * O)) << 2
    dx += (<usize>(H * W * I)) << 2
  }
}
