/** Selects parts of a benchmark by name: groups, single kernels, single models. */

import { KERNEL_NAMES } from '../kernels.ts'

/** The parts of a benchmark. The peak is always measured, because kernels are compared with it. */
export const GROUPS = ['peak', 'kernels', 'models', 'batches', 'training'] as const
export type Group = (typeof GROUPS)[number]

/** All names that can be selected: groups, kernels, ids of models. */
export function selectableNames(models: readonly string[]): string[] {
  return [...GROUPS, ...KERNEL_NAMES, ...models]
}

/**
 * Whether to measure a kernel or model as part of a group. The name of a model selects it in the group `models` only.
 * @param only selected names; undefined for all
 */
export function isSelected(only: readonly string[] | undefined, group: Group, name: string): boolean {
  if (!only || only.includes(group)) return true
  return (group === 'kernels' || group === 'models') && only.includes(name)
}

/** Whether any kernel is selected: making the operands of all cases takes time. */
export function selectsKernels(only: readonly string[] | undefined): boolean {
  return !only || only.includes('kernels') || only.some((name) => KERNEL_NAMES.some((kernel) => kernel === name))
}

/** What a server measures of itself: all models, and the kernels that take most of their time. */
export const ESSENTIALS: readonly string[] = ['models', 'denseForward', 'denseForwardSparse', 'convForward']
