/** Lists of facts: pairs of a name and a value. */

export type Facts = readonly (readonly [name: string, value: string])[]

/** Shows the facts. Returns the element of the last value. */
export function listFacts(root: HTMLElement, facts: Facts): HTMLElement | undefined {
  let last: HTMLElement | undefined
  root.replaceChildren(
    ...facts.map(([name, value]) => {
      const row = document.createElement('div')
      const term = document.createElement('dt')
      last = document.createElement('dd')
      term.textContent = name
      last.textContent = value
      row.append(term, last)
      return row
    }),
  )
  return last
}
