/** Specifications of models that can be trained: name, layers if it is a network, and recipe. */

import type { LayerSpec } from './layer.ts'
import type { FlatRecipe, Recipe } from './recipe.ts'

interface SpecBase {
  readonly id: string
  readonly name: string
  readonly kind: string
}

export interface NetworkSpec extends SpecBase {
  readonly type: 'network'
  readonly layers: readonly LayerSpec[]
  readonly recipe: Recipe
}

export interface NeighboursSpec extends SpecBase {
  readonly type: 'neighbours'
  readonly recipe: FlatRecipe
}

export interface ForestSpec extends SpecBase {
  readonly type: 'forest'
  readonly recipe: FlatRecipe
}

export interface BoostedSpec extends SpecBase {
  readonly type: 'boosted'
  readonly recipe: FlatRecipe
}

export type ModelSpec = NetworkSpec | NeighboursSpec | ForestSpec | BoostedSpec
