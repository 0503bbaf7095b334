/**
 * The contract of the kernels from the bytes of an image through dense layers, forward and backward. An index lists the
 * non-zero inputs of each row, i32[N,1+I]: their count, then their columns, ascending; what is behind them is undefined.
 */

export interface DenseKernels {
  /**
   * y = x * f32(1/255): bytes 0..255 to 0..1.
   * y[L], x u8[L]. The smallest result other than 0 is 0.0039, so none is snapped.
   * Within 1 ulp of x / 255; exact at 0 and 255.
   */
  inputFromBytes(y: number, x: number, L: number): void

  /**
   * The index of the inputs that are not zero. NaN and subnormals count as non-zero, -0 as zero.
   * index i32[N,1+I], x[N,I].
   */
  sparseIndex(index: number, x: number, N: number, I: number): void

  /**
   * inputFromBytes and the sparseIndex of its rows, in one pass: the same bits.
   * y[N,I], index i32[N,1+I], x u8[N,I].
   */
  sparseFromBytes(y: number, index: number, x: number, N: number, I: number): void

  /**
   * y = snap(b + x w).
   * y[N,O], x[N,I], w[I,O], b[O].
   * Sums b first, then over I ascending.
   * |error| <= (I + 1) 2^-24 sum |x w|.
   */
  denseForward(y: number, x: number, w: number, b: number, N: number, I: number, O: number): void

  /**
   * denseForward over the listed inputs only: the same bits where w is finite.
   * y[N,O], x[N,I], index i32[N,1+I], w[I,O], b[O].
   */
  denseForwardSparse(y: number, x: number, index: number, w: number, b: number, N: number, I: number, O: number): void

  /**
   * dx = snap(dy wT).
   * dx[N,I], dy[N,O], w[I,O].
   * Sums over O ascending from +0.
   * |error| <= O 2^-24 sum |dy w|.
   */
  denseBackwardInput(dx: number, dy: number, w: number, N: number, I: number, O: number): void

  /**
   * denseBackwardInput at the listed inputs, +0 elsewhere: the gradient through a relu whose output was indexed.
   * dx[N,I], index i32[N,1+I], dy[N,O], w[I,O].
   */
  denseBackwardInputSparse(dx: number, index: number, dy: number, w: number, N: number, I: number, O: number): void

  /**
   * dw += xT dy, db += the sum of dy over rows.
   * dw[I,O], db[O], x[N,I], dy[N,O].
   * Accumulates: sums what is there first, then over N ascending. Not snapped (multiples of 2^-123); the optimizer snaps.
   * |error| <= N 2^-24 sum |x dy|.
   */
  denseBackwardWeight(dw: number, db: number, x: number, dy: number, N: number, I: number, O: number): void

  /**
   * denseBackwardWeight over the listed inputs only: the same bits where dy is finite.
   * dw[I,O], db[O], x[N,I], index i32[N,1+I], dy[N,O].
   */
  denseBackwardWeightSparse(
    dw: number,
    db: number,
    x: number,
    index: number,
    dy: number,
    N: number,
    I: number,
    O: number,
  ): void
}

export const DENSE_KERNELS: Readonly<Record<keyof DenseKernels, true>> = {
  inputFromBytes: true,
  sparseIndex: true,
  sparseFromBytes: true,
  denseForward: true,
  denseForwardSparse: true,
  denseBackwardInput: true,
  denseBackwardInputSparse: true,
  denseBackwardWeight: true,
  denseBackwardWeightSparse: true,
}
