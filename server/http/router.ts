/** Hono's router, which finds the handlers of a path by walking a tree, with a memory of the paths that are asked for most. */

import type { Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'

/** The handlers of a path without parameters are always the same: of routes, so that no stranger's paths fill the memory. */
export class RouteMemory<T> implements Router<T> {
  readonly name = 'RouteMemory'
  readonly #tree = new TrieRouter<T>()
  readonly #paths = new Set<string>() // of routes without parameters
  readonly #found = new Map<string, Map<string, Result<T>>>() // by method and path

  add(method: string, path: string, handler: T): void {
    this.#tree.add(method, path, handler)
    if (!/[:*]/.test(path)) this.#paths.add(path)
    this.#found.clear()
  }

  match(method: string, path: string): Result<T> {
    const known = this.#found.get(method)?.get(path)
    if (known) return known
    const result = this.#tree.match(method, path)
    if (this.#paths.has(path)) this.#remember(method, path, result)
    return result
  }

  // Methods are those that Node's parser knows.
  #remember(method: string, path: string, result: Result<T>): void {
    const paths = this.#found.get(method) ?? new Map<string, Result<T>>()
    this.#found.set(method, paths.set(path, result))
  }
}
