/** What of a benchmark is wanted: groups, or single kernels and models, by name. */

import { KERNEL_NAMES } from '../kernels.ts'

/** The parts of a benchmark. The peak is always measured: the kernels are compared with it. */
export const GROUPS = ['peak', 'kernels', 'models', 'batches', 'training'] as const
export type Group = (typeof GROUPS)[number]

/** Everything that can be named: groups, kernels, ids of models. */
export function selectableNames(models: readonly string[]): string[] {
  return [...GROUPS, ...KERNEL_NAMES, ...models]
}

/** Whether a kernel or model is wanted as part of a group; all are where nothing is named. A single model is one image. */
export function isSelected(only: readonly string[] | undefined, group: Group, name: string): boolean {
  if (!only || only.includes(group)) return true
  return (group === 'kernels' || group === 'models') && only.includes(name)
}

/** Whether any kernel is wanted. Making up what they work on takes time of its own. */
export function selectsKernels(only: readonly string[] | undefined): boolean {
  return !only || only.includes('kernels') || only.some((name) => KERNEL_NAMES.some((kernel) => kernel === name))
}

/** What a server measures of itself: all models, and the kernels that most of their time goes to. */
export const ESSENTIALS: readonly string[] = ['models', 'denseForward', 'denseForwardSparse', 'convForward']
