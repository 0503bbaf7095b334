/** Looks up the elements of index.html, by id and type. */

/** @throws Error when index.html and the code do not fit together */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with id ${id}`)
  return found
}
