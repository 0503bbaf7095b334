/**
 * The contract of convolution and pooling. Images are NHWC. A convolution has odd K and "same" borders: p = (K-1)/2, and
 * what is outside an image is +0.
 */

export interface ConvolutionKernels {
  /**
   * y[n,h,w,o] = snap(b[o] + sum x[n,h+ky-p,w+kx-p,i] w[ky,kx,i,o]).
   * y[N,H,W,O], x[N,H,W,I], w[K,K,I,O], b[O], scratch of convScratch bytes.
   * Sums b first, then over ky, kx, i ascending. Leaves out what is outside or zero; w is finite, so where I is 1 zeros may
   * be included. S is the side of the windows that a pooling makes of y: where H or W is no multiple of it, the rows and columns
   * of y that fill none are left as they are. 1 if no pooling follows.
   * |error| <= (K K I + 1) 2^-24 sum |x w|.
   */
  convForward(
    y: number,
    x: number,
    w: number,
    b: number,
    scratch: number,
    N: number,
    H: number,
    W: number,
    I: number,
    O: number,
    K: number,
    S: number,
  ): void

  /**
   * dx[n,h,w,i] = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]).
   * dx[N,H,W,I], dy[N,H,W,O], w[K,K,I,O], scratch of convBackwardScratch bytes.
   * Sums from +0 over ky and kx descending, then o ascending. Leaves out what is outside or zero.
   * |error| <= K K O 2^-24 sum |dy w|.
   */
  convBackwardInput(
    dx: number,
    dy: number,
    w: number,
    scratch: number,
    N: number,
    H: number,
    W: number,
    I: number,
    O: number,
    K: number,
  ): void

  /**
   * dw[ky,kx,i,o] += sum x[n,h+ky-p,w+kx-p,i] dy[n,h,w,o], db[o] += sum dy[n,h,w,o].
   * dw[K,K,I,O], db[O], x[N,H,W,I], dy[N,H,W,O], scratch of convBackwardScratch bytes.
   * Accumulates: sums what is there first, then over n, h, w ascending. Leaves out those where dy is zero or, where I is 1,
   * x; what is outside is included. Not snapped.
   * |error| <= N H W 2^-24 sum |x dy|.
   */
  convBackwardWeight(
    dw: number,
    db: number,
    x: number,
    dy: number,
    scratch: number,
    N: number,
    H: number,
    W: number,
    I: number,
    O: number,
    K: number,
  ): void

  /**
   * y[n,h,w,c] = the largest of x[n,hS..hS+S-1,wS..wS+S-1,c], which[n,h,w,c] = its place in the window, row by row from 0.
   * Of equals the first; a NaN is taken only where it is the first. `which` is 0 where the places are not wanted.
   * y[N,H/S,W/S,C], which u8[N,H/S,W/S,C], x[N,H,W,C]. Rows and columns that fill no window are left out.
   * Exact.
   */
  maxPoolForward(y: number, which: number, x: number, N: number, H: number, W: number, C: number, S: number): void

  /**
   * dx = dy at the places that were the largest, +0 elsewhere.
   * dx[N,H,W,C], dy[N,H/S,W/S,C], which u8[N,H/S,W/S,C].
   * Exact.
   */
  maxPoolBackward(dx: number, dy: number, which: number, N: number, H: number, W: number, C: number, S: number): void
}

export const CONVOLUTION_KERNELS: Readonly<Record<keyof ConvolutionKernels, true>> = {
  convForward: true,
  convBackwardInput: true,
  convBackwardWeight: true,
  maxPoolForward: true,
  maxPoolBackward: true,
}

/**
 * Bytes of scratch that convForward needs for a layer of these dimensions: the lists of an image's non-zero values
 * (assembly/rows.ts) and a panel of weights (assembly/gather.ts), or where pixels have one value the image with its border and a row of biases (assembly/picture.ts).
 */
export function convScratch(H: number, W: number, I: number, O: number, K: number): number {
  const listed = H * (W + 1) + H * W * I + 4 + K * I * 32 + 16
  return (I === 1 ? 2 * H + (H + K - 1) * (W + K - 1) + W * O : listed) * 4
}

/** Bytes of scratch that convBackwardInput and convBackwardWeight need. */
export function convBackwardScratch(H: number, W: number, I: number, O: number, K: number): number {
  const border = (channels: number) => (H + K - 1) * (W + K - 1) * channels + 4
  const list = 2 * Math.max(H * W, O) + 2
  return (K * K * I * O + border(Math.max(I, I === 1 ? O : 0)) + list) * 4
}
