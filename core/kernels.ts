/**
 * The contract of the kernels: one interface, three implementations (`core/kernels/*` in TypeScript, `assembly/*` compiled
 * twice, scalar and SIMD) that give the same bits. Here is what holds for all of them; `core/kernels/contract/*` has each
 * kernel's formula, shapes, order of summation, aliasing, error bound and source.
 *
 * Operands are byte offsets into one fixed memory, all multiples of 4 (multiples of 16 are faster). Arrays are f32 and row-major
 * unless a line says otherwise. Kernels neither check, throw nor allocate. Order of arguments: outputs, inputs, parameters,
 * dimensions. A kernel never writes outside its outputs and the memory reserved below every arena, but may read up to 12 bytes
 * past the end of any operand: `core/backend/arena.ts` keeps that much in reserve.
 *
 * Aliasing: unless a line says otherwise a kernel overwrites its outputs, and these overlap no other operand. A kernel that
 * accumulates adds to what its outputs hold.
 *
 * Letters: N rows of a batch, H and W height and width of its images, I inputs and O outputs of a layer (channels in a
 * convolution), C classes or channels, K side of a convolution's kernel, S side of a pooling window, L elements. A gradient is d
 * and the name of the value.
 *
 * Rounding: every single +, -, *, / and sqrt rounds to f32 once, ties to even. There is no fused multiply-add. Sums run in the
 * order stated at the kernel, from left to right. A strided sum has four partial sums, over every fourth of the first
 * 4 floor(n/4) elements, then (s0+s1)+(s2+s3), then the rest ascending. Error bounds are to first order.
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

import { CLASSICAL_KERNELS, type ClassicalKernels } from './kernels/contract/classical.ts'
import { CONVOLUTION_KERNELS, type ConvolutionKernels } from './kernels/contract/convolution.ts'
import { DENSE_KERNELS, type DenseKernels } from './kernels/contract/dense.ts'
import { ELEMENT_KERNELS, type ElementKernels } from './kernels/contract/elements.ts'
import { LAYER_KERNELS, type LayerKernels } from './kernels/contract/layers.ts'
import { TRAINING_KERNELS, type TrainingKernels } from './kernels/contract/training.ts'

/** Magnitudes below this are stored as +0; 2^-50. */
export const SNAP = 8.881784197001252e-16

export type Kernels = ElementKernels &
  DenseKernels &
  ConvolutionKernels &
  LayerKernels &
  TrainingKernels &
  ClassicalKernels

export type KernelName = keyof Kernels

/** Names of all kernels, in the order of the contract. */
export const KERNEL_NAMES = Object.keys({
  ...ELEMENT_KERNELS,
  ...DENSE_KERNELS,
  ...CONVOLUTION_KERNELS,
  ...LAYER_KERNELS,
  ...TRAINING_KERNELS,
  ...CLASSICAL_KERNELS,
} satisfies Record<KernelName, true>) as KernelName[]
