/** The contract of losses and optimizers. Labels are u8, 0..C-1. */

export interface TrainingKernels {
  /**
   * Softmax by row: e = snap(exp(x - max x)), p = snap(e / sum e).
   * p[N,C], x[N,C]. p may be x.
   * Strided sum (see core/kernels.ts) over C.
   * Relative error of p < 2.5e-6 above 2^-50 for x within +-80, most of it the rounding of x - max x.
   */
  softmax(p: number, x: number, N: number, C: number): void

  /**
   * softmax and its cross-entropy: loss = snap(ln(sum e) - (x[label] - max x)).
   * loss[N], p[N,C], x[N,C], label u8[N]. p may be x.
   * Error of loss < 1.2e-7 of max(loss, 4) for x within +-80.
   */
  softmaxCrossEntropy(loss: number, p: number, x: number, label: number, N: number, C: number): void

  /**
   * The gradient of softmaxCrossEntropy: dx = snap((p - onehot(label)) * scale).
   * dx[N,C], p[N,C], label u8[N]. dx may be p.
   * Within 2 roundings of exact.
   */
  softmaxCrossEntropyBackward(dx: number, p: number, label: number, scale: number, N: number, C: number): void

  /**
   * Half the squared error: loss = snap(sum d d / 2), d = snap(y - t), t = high at the label and low elsewhere.
   * loss[N], y[N,C], label u8[N].
   * Sums over C ascending from +0.
   * Relative error <= (C + 3) 2^-24, but for the rounding of y - t.
   */
  squaredError(loss: number, y: number, label: number, low: number, high: number, N: number, C: number): void

  /**
   * The gradient of squaredError: dy = snap(snap(y - t) * scale).
   * dy[N,C], y[N,C], label u8[N]. dy may be y.
   * Within 2 roundings of exact.
   */
  squaredErrorBackward(
    dy: number,
    y: number,
    label: number,
    low: number,
    high: number,
    scale: number,
    N: number,
    C: number,
  ): void

  /**
   * SGD with momentum and weight decay: g = snap(dw) + decay * w, v = snap(momentum * v + g), w = snap(w - rate * v).
   * w[L], v[L], dw[L]. Updates w and v.
   * Within 6 roundings of exact. Sutskever et al. 2013, in the form of PyTorch.
   */
  sgd(w: number, v: number, dw: number, rate: number, momentum: number, decay: number, L: number): void

  /**
   * Adam with decoupled decay; `rate` includes the bias corrections: g = snap(dw), m = snap(beta1 m + (1 - beta1) g),
   * v = tiny(beta2 v + (1 - beta2) (g g)), w = snap((w - decay w) - rate (m / (sqrt(v) + epsilon))).
   * tiny(x) is +0 below 2^-100: v holds squares, which never cancel, so they may be smaller than other stored values.
   * w[L], m[L], v[L], dw[L]. Updates w, m and v.
   * Kingma, Ba 2015; Loshchilov, Hutter 2019.
   */
  adam(
    w: number,
    m: number,
    v: number,
    dw: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    L: number,
  ): void

  /**
   * Adadelta: g = snap(dw), v = tiny(rho v + (1 - rho) (g g)), s = snap(sqrt(u + epsilon) / sqrt(v + epsilon) g),
   * u = tiny(rho u + (1 - rho) (s s)), w = snap((w - decay w) - rate s), tiny as in adam.
   * w[L], v[L], u[L], dw[L]. Updates w, v and u.
   * Zeiler 2012.
   */
  adadelta(
    w: number,
    v: number,
    u: number,
    dw: number,
    rate: number,
    rho: number,
    epsilon: number,
    decay: number,
    L: number,
  ): void
}

export const TRAINING_KERNELS: Readonly<Record<keyof TrainingKernels, true>> = {
  softmax: true,
  softmaxCrossEntropy: true,
  softmaxCrossEntropyBackward: true,
  squaredError: true,
  squaredErrorBackward: true,
  sgd: true,
  adam: true,
  adadelta: true,
}
