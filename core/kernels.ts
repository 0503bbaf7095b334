/**
 * The contract of the kernels: one interface, three implementations (`core/kernels/*` in TypeScript, `assembly/*`
 * compiled twice, scalar and SIMD) that give the same bits.
 *
 * Operands are byte offsets into one fixed memory, all multiples of 4 (16 where one cares for speed); arrays are f32,
 * row-major, unless a line says otherwise. Kernels neither check, throw nor allocate. Order of arguments: outputs,
 * inputs, parameters, dimensions. A kernel never writes outside its outputs (and what is reserved below every arena), but may
 * read up to 12 bytes past the end of any operand: `core/backend/arena.ts` keeps that much in reserve.
 *
 * Letters: N rows of a batch, H and W height and width of its images, I inputs and O outputs of a layer (channels, where it
 * is a convolution), C classes or channels, K side of a convolution's kernel, S side of a pooling window, L elements.
 *
 * Rounding: every single +, -, * and / rounds to f32 once, ties to even. There is no fused multiply-add. Sums run in
 * the order stated at the kernel, from left to right.
 *
 * Subnormals: ARMv7 NEON flushes them to zero, x86 and scalar ARM do not, so none may arise. A *stored value*
 * (parameter, activation, gradient handed on, moment) is either +0 or has magnitude >= SNAP = 2^-50; `snap(x)` means
 * "+0 if |x| < 2^-50, else x", and it turns -0 into +0. Stored values are therefore multiples of 2^-73, products of two
 * are 0 or at least 2^-100, and after rounding multiples of 2^-123, and so are all sums of such products: no partial
 * result can fall below 2^-123, well above the smallest normal 2^-126. For the same reason no sum that starts at +0 or
 * at a stored value can be -0, so leaving out a product with 0 changes no bit as long as the other factor is finite.
 *
 * NaN: which NaN arises is not defined (WebAssembly does not define it either), only that one arises.
 */

/** Magnitudes below this are stored as +0; 2^-50. */
export const SNAP = 8.881784197001252e-16

/** Labels are u8, 0..C-1. An index is i32 [N, 1 + I]: a row's count of non-zero inputs, then their ascending columns. */
export interface Kernels {
  /** y = e^x: y[L], x[L]. 0 for x < -87.3, +Inf for x > 88.7228. y may be x. Relative error < 1.2e-7. */
  exp(y: number, x: number, L: number): void

  /** y = ln x: y[L], x[L]. -Inf for |x| < 2^-126, NaN for x < 0. y may be x. Error < 1.2e-7 of max(|y|, 0.5). */
  log(y: number, x: number, L: number): void

  /** y = snap(x * f32(1/255)): y[L], x u8[L]. Bytes 0..255 to 0..1; 0 to 0 and 255 to 1 exactly. */
  inputFromBytes(y: number, x: number, L: number): void

  /** Lists the non-zero inputs: index i32[N, 1+I], x[N,I]. NaN and subnormals count as non-zero, -0 as zero. */
  sparseIndex(index: number, x: number, N: number, I: number): void

  /** y = snap(b + x w): y[N,O], x[N,I], w[I,O], b[O]. Sums b first, then over I ascending. */
  denseForward(y: number, x: number, w: number, b: number, N: number, I: number, O: number): void

  /** As denseForward, over the listed inputs only; same bits where w is finite. */
  denseForwardSparse(y: number, x: number, index: number, w: number, b: number, N: number, I: number, O: number): void

  /** dx = snap(dy wT): dx[N,I], dy[N,O], w[I,O]. Sums over O ascending from +0. */
  denseBackwardInput(dx: number, dy: number, w: number, N: number, I: number, O: number): void

  /** As denseBackwardInput at the listed inputs, +0 elsewhere: the gradient through a relu whose output x was. */
  denseBackwardInputSparse(dx: number, index: number, dy: number, w: number, N: number, I: number, O: number): void

  /**
   * dw += xT dy, db += 1 dy: dw[I,O], db[O], x[N,I], dy[N,O]. Accumulates onto what is there, over N ascending;
   * sums are not snapped (they are multiples of 2^-123), the optimizer snaps what it reads.
   */
  denseBackwardWeight(dw: number, db: number, x: number, dy: number, N: number, I: number, O: number): void

  /** As denseBackwardWeight, over the listed inputs only; same bits where dy is finite. */
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

  /**
   * Softmax by row: p[N,C], x[N,C]; e = snap(exp(x - max)), p = snap(e / sum(e)). The sum of C: four strided partial
   * sums over the first 4 floor(C/4), (s0+s1)+(s2+s3), then the rest ascending. p may be x. Relative error of p < 2.5e-6
   * above 2^-50 for x within +-80, most of it the rounding of x - max.
   */
  softmax(p: number, x: number, N: number, C: number): void

  /** Softmax as above and its cross-entropy: loss[N] = snap(ln(sum(e)) - (x[label] - max)), p[N,C], x[N,C], label u8[N]. */
  softmaxCrossEntropy(loss: number, p: number, x: number, label: number, N: number, C: number): void

  /** Its gradient: dx = snap((p - onehot(label)) * scale): dx[N,C], p[N,C], label u8[N]. dx may be p. */
  softmaxCrossEntropyBackward(dx: number, p: number, label: number, scale: number, N: number, C: number): void

  /**
   * Half the squared error against targets of `high` at the label and `low` elsewhere: d = snap(y - t),
   * loss[N] = snap(sum(d d) / 2): y[N,C], label u8[N]. Sums over C ascending.
   */
  squaredError(loss: number, y: number, label: number, low: number, high: number, N: number, C: number): void

  /** Its gradient: dy = snap(snap(y - t) * scale): dy[N,C], y[N,C], label u8[N]. dy may be y. */
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
   * Convolution, K odd, borders "same": y = snap(b + sum x[n,h+ky-p,w+kx-p,i] w[ky,kx,i,o]), p = (K-1)/2, +0 outside:
   * y[N,H,W,O], x[N,H,W,I], w[K,K,I,O], b[O], scratch of convScratch bytes. Sums b first, then over ky, kx, i ascending,
   * leaving out what is outside or zero; w is finite.
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
  ): void

  /**
   * dx = snap(sum dy[n,h-ky+p,w-kx+p,o] w[ky,kx,i,o]): dx[N,H,W,I], scratch of convBackwardScratch bytes. Sums from +0 over ky
   * and kx descending, then o ascending, leaving out what is outside or zero.
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
   * dw += sum x[n,h+ky-p,w+kx-p,i] dy[n,h,w,o], db += sum dy: dw[K,K,I,O], db[O]. Accumulates onto what is there, over
   * n, h, w ascending, leaving out those where dy is zero (where I is 1: x); outside both are +0; sums are not snapped.
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
   * Largest of each SxS window, and its place in it (row by row from 0; of equals the first): y[N,H/S,W/S,C],
   * which u8[N,H/S,W/S,C], x[N,H,W,C]. Rows and columns that fill no window are left out.
   */
  maxPoolForward(y: number, which: number, x: number, N: number, H: number, W: number, C: number, S: number): void

  /** dx = dy at those places, +0 elsewhere: dx[N,H,W,C], dy[N,H/S,W/S,C]. */
  maxPoolBackward(dx: number, dy: number, which: number, N: number, H: number, W: number, C: number, S: number): void

  /** y = x > 0 ? x : 0, 0 for NaN: y[L], x[L]. y may be x. */
  reluForward(y: number, x: number, L: number): void

  /** dx = y > 0 ? dy : 0: dx[L], dy[L], y[L] as reluForward gave it. dx may be dy. */
  reluBackward(dx: number, dy: number, y: number, L: number): void

  /** y = snap(1 / (1 + exp(-x))): y[L], x[L]. y may be x. Relative error < 3e-7 above 2^-50. */
  sigmoidForward(y: number, x: number, L: number): void

  /** dx = snap(dy * (y * (1 - y))): dx[L], dy[L], y[L] as sigmoidForward gave it. dx may be dy. */
  sigmoidBackward(dx: number, dy: number, y: number, L: number): void

  /**
   * y = draw >= threshold ? snap(x * scale) : 0: y[N,L], x[N,L], threshold 0..65535. Draws are 16 bits of Philox2x32-10 with
   * this key and stream: value l of row n takes quarter l mod 4 of block (row + n) ceil(L/4) + floor(l/4). y may be x; the
   * same call on dy gives the gradient.
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

  /** mean = snap(sum x / N), variance = snap(sum d d / N), d = snap(x - mean): mean[C], variance[C], x[N,C]. Sums over N ascending. */
  batchStatistics(mean: number, variance: number, x: number, N: number, C: number): void

  /**
   * Batch normalisation (Ioffe, Szegedy 2015): y = snap(snap(x - mean) k + beta), k = snap(gamma / sqrt(variance + epsilon)):
   * y[N,C], x[N,C], the others [C]. y may be x.
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
   * Its gradient through the batch's own statistics: r = snap(1 / sqrt(variance + epsilon)), h = snap(snap(x - mean) r),
   * s = sum dy, t = sum dy h; dbeta += s, dgamma += t,
   * dx = snap(snap(gamma r) snap(snap(dy - snap(s / N)) - h snap(t / N))). Sums over N ascending from +0. dx may be dy.
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

  /** y = y + x: y[L], x[L], both sums of products; not snapped. */
  add(y: number, x: number, L: number): void

  /** y = snap(snap(x) * factor): y[L], x[L]; factor 0 or at least 2^-50. y may be x. */
  scale(y: number, x: number, factor: number, L: number): void

  /** sum = sum(g g), g = snap(x): sum[1], x[L]. Four strided partial sums as in softmax. */
  sumOfSquares(sum: number, x: number, L: number): void

  /**
   * SGD with momentum and weight decay (Sutskever et al. 2013, as in PyTorch):
   * g = snap(dw) + decay * w; v = snap(momentum * v + g); w = snap(w - rate * v): w[L], v[L], dw[L].
   */
  sgd(w: number, v: number, dw: number, rate: number, momentum: number, decay: number, L: number): void

  /**
   * Adam (Kingma, Ba 2015; the bias corrections are in `rate`) with decoupled decay (Loshchilov, Hutter 2019): g = snap(dw);
   * m = snap(beta1 m + (1 - beta1) g); v = tiny(beta2 v + (1 - beta2) (g g)); w = snap((w - decay w) - rate (m / (sqrt(v) + epsilon))):
   * w[L], m[L], v[L], dw[L]. tiny(x) is +0 below 2^-100: v holds squares, which never cancel, so it need not be as large as a
   * stored value.
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
   * Adadelta (Zeiler 2012): g = snap(dw); v = tiny(rho v + (1 - rho) (g g)); s = snap(sqrt(u + epsilon) / sqrt(v + epsilon) g);
   * u = tiny(rho u + (1 - rho) (s s)); w = snap((w - decay w) - rate s): w[L], v[L], u[L], dw[L].
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
  /**
   * Gradient direction features (Liu et al. 2003) of one picture: f u8[5,5,8], sums i32[5,5,8], x u8[28,28]. Exact; the
   * formula stands in assembly/direction.ts.
   */
  directions(f: number, sums: number, x: number): void

  /** d = sum over L of (q - references)^2: d i32[R], q u8[L], references u8[R,L]; L at most 33,000. Exact. */
  distances(d: number, q: number, references: number, R: number, L: number): void

  /** Positions of the k smallest of d, ascending by d, of equals the first: index i32[k], d i32[R]; 1 <= k <= R. */
  nearest(index: number, d: number, R: number, k: number): void

  /**
   * The split with the lowest Gini impurity (Breiman et al. 1984) among candidate features: best i32[2] = position in the list
   * of candidates, or -1, and threshold; histogram i32[18,16], columns u8[F,L], candidates i32[K], samples i32[n] = 16 image +
   * label. Equal scores, in f64: the first candidate, the lowest threshold. The formula stands in assembly/forest.ts.
   */
  splitSearch(
    best: number,
    histogram: number,
    columns: number,
    candidates: number,
    samples: number,
    L: number,
    K: number,
    n: number,
  ): void

  /**
   * The votes of T trees (Breiman 2001): votes i32[N,C] = sum of the leaves u8[D,C] that the rows of f u8[N,F] end in. splits
   * u16[S,3] = 256 feature + threshold, reference if f is not above, reference if it is; roots i32[T]. A reference below 32,768
   * is a later split of the tree, the others are leaves. Exact.
   */
  forestVotes(
    votes: number,
    f: number,
    splits: number,
    roots: number,
    leaves: number,
    N: number,
    F: number,
    T: number,
    C: number,
  ): void

  /**
   * Geometric series, to measure what a machine can do: R times t = t + x x, x = x a, s = s + x, from +0, both snapped at
   * the end: s[L], t[L], x[L]; 0 < a <= 1, x a^R 0 or at least 2^-60.
   */
  geometric(s: number, t: number, x: number, a: number, R: number, L: number): void
}

/** Names of the kernels, in the order of the interface; the self-test and the tests see by it that none is missing. */
export const KERNEL_NAMES = [
  'exp',
  'log',
  'inputFromBytes',
  'sparseIndex',
  'denseForward',
  'denseForwardSparse',
  'denseBackwardInput',
  'denseBackwardInputSparse',
  'denseBackwardWeight',
  'denseBackwardWeightSparse',
  'softmax',
  'softmaxCrossEntropy',
  'softmaxCrossEntropyBackward',
  'sgd',
  'convForward',
  'convBackwardInput',
  'convBackwardWeight',
  'maxPoolForward',
  'maxPoolBackward',
  'reluForward',
  'reluBackward',
  'sigmoidForward',
  'sigmoidBackward',
  'dropout',
  'batchStatistics',
  'normalizeForward',
  'normalizeBackward',
  'squaredError',
  'squaredErrorBackward',
  'add',
  'scale',
  'sumOfSquares',
  'adam',
  'adadelta',
  'directions',
  'distances',
  'nearest',
  'splitSearch',
  'forestVotes',
  'geometric',
] as const satisfies readonly (keyof Kernels)[]
export type KernelName = (typeof KERNEL_NAMES)[number]

/**
 * Bytes of scratch that convForward needs for a layer of these dimensions: its lists, or, where
 * pixels have one value, the image with its border and a row of biases.
 */
export function convScratch(H: number, W: number, I: number, O: number, K: number): number {
  return (I === 1 ? 2 * H + (H + K - 1) * (W + K - 1) + W * O : listed(H, W, I)) * 4
}

/** The same for convBackwardInput and convBackwardWeight. */
export function convBackwardScratch(H: number, W: number, I: number, O: number, K: number): number {
  const border = (channels: number) => (H + K - 1) * (W + K - 1) * channels + 4
  const list = 2 * Math.max(H * W, O) + 2
  return (K * K * I * O + border(Math.max(I, I === 1 ? O : 0)) + list) * 4
}
// What the lists of an image's non-zero values take at most (assembly/rows.ts).
function listed(H: number, W: number, C: number): number {
  return H * (W + 1) + H * W * C + 4
}
