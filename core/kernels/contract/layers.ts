/** The contract of the layers that keep the shape of their input: activations, dropout, batch normalisation. */

export interface LayerKernels {
  /**
   * y = x > 0 ? x : 0, so 0 for NaN.
   * y[L], x[L]. y may be x.
   * Exact.
   */
  reluForward(y: number, x: number, L: number): void

  /**
   * dx = y > 0 ? dy : 0, where y is the output of reluForward.
   * dx[L], dy[L], y[L]. dx may be dy.
   * Exact.
   */
  reluBackward(dx: number, dy: number, y: number, L: number): void

  /**
   * y = snap(1 / (1 + exp(-x))).
   * y[L], x[L]. y may be x.
   * Relative error < 3e-7 above 2^-50.
   */
  sigmoidForward(y: number, x: number, L: number): void

  /**
   * dx = snap(dy * (y * (1 - y))), where y is the output of sigmoidForward.
   * dx[L], dy[L], y[L]. dx may be dy.
   * Within 3 roundings of exact.
   */
  sigmoidBackward(dx: number, dy: number, y: number, L: number): void

  /**
   * y = draw >= threshold ? snap(x * scale) : 0. The same call on dy gives the gradient.
   * A draw is 16 bits of Philox2x32-10 with this key and stream: value l of row n takes quarter l mod 4 of block
   * (row + n) ceil(L/4) + floor(l/4). The quarters are the low and high half of the first word, then those of the second.
   * y[N,L], x[N,L]; threshold 0..65535, key, stream and row u32. y may be x.
   * Within 1 rounding of exact. Dropout: Srivastava et al. 2014, scaled in training; Philox: Salmon et al. 2011.
   */
  dropout(
    y: number,
    x: number,
    threshold: number,
    scale: number,
    key: number,
    stream: number,
    row: number,
    N: number,
    L: number,
  ): void

  /**
   * mean = snap(sum x / N), variance = snap(sum d d / N), d = snap(x - mean).
   * mean[C], variance[C], x[N,C].
   * Sums over N ascending from +0.
   * |error of mean| <= N 2^-24 mean |x|.
   */
  batchStatistics(mean: number, variance: number, x: number, N: number, C: number): void

  /**
   * Batch normalisation: y = snap(snap(x - mean) k + beta), k = snap(gamma / sqrt(variance + epsilon)).
   * y[N,C], x[N,C], mean[C], variance[C], gamma[C], beta[C]. y may be x.
   * Within 6 roundings of exact. Ioffe, Szegedy 2015.
   */
  normalizeForward(
    y: number,
    x: number,
    mean: number,
    variance: number,
    gamma: number,
    beta: number,
    epsilon: number,
    N: number,
    C: number,
  ): void

  /**
   * The gradient of normalizeForward through the batch's own statistics. With r = snap(1 / sqrt(variance + epsilon)),
   * h = snap(snap(x - mean) r), s = sum dy, t = sum dy h: dbeta += s, dgamma += t,
   * dx = snap(snap(gamma r) snap(snap(dy - snap(s / N)) - h snap(t / N))).
   * dx[N,C], dgamma[C], dbeta[C], dy[N,C], x[N,C], mean[C], variance[C], gamma[C].
   * Sums over N ascending from +0. dx may be dy; dgamma and dbeta accumulate and are not snapped.
   */
  normalizeBackward(
    dx: number,
    dgamma: number,
    dbeta: number,
    dy: number,
    x: number,
    mean: number,
    variance: number,
    gamma: number,
    epsilon: number,
    N: number,
    C: number,
  ): void
}

export const LAYER_KERNELS: Readonly<Record<keyof LayerKernels, true>> = {
  reluForward: true,
  reluBackward: true,
  sigmoidForward: true,
  sigmoidBackward: true,
  dropout: true,
  batchStatistics: true,
  normalizeForward: true,
  normalizeBackward: true,
}
