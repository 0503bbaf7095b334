/**
 * The contract of the kernels: one interface, three implementations (`core/kernels/*` in TypeScript, `assembly/*`
 * compiled twice, scalar and SIMD) that give the same bits.
 *
 * Operands are byte offsets into one fixed memory, all multiples of 4 (16 where one cares for speed); arrays are f32,
 * row-major, unless a line says otherwise. Kernels neither check, throw nor allocate. Order of arguments: outputs,
 * inputs, parameters, dimensions. A kernel never writes outside its outputs, but may read up to 12 bytes past the end
 * of any operand: `core/arena.ts` keeps that much in reserve.
 *
 * Letters: N rows of a batch, I inputs and O outputs of a layer, C classes, L elements.
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
   * SGD with momentum and weight decay (Sutskever et al. 2013, as in PyTorch):
   * g = snap(dw) + decay * w; v = snap(momentum * v + g); w = snap(w - rate * v): w[L], v[L], dw[L].
   */
  sgd(w: number, v: number, dw: number, rate: number, momentum: number, decay: number, L: number): void
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
] as const satisfies readonly (keyof Kernels)[]
