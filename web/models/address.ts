/** Keeps the chosen model in the page's address, as #model=cnn, where it can be bookmarked and shared. Nothing else is stored. */

const NAMED = /^#model=([a-z0-9][a-z0-9-]{0,62})$/

/** The model named in an address; undefined where there is none, which means the phone's default. */
export function modelInAddress(hash: string): string | undefined {
  return NAMED.exec(hash)?.[1]
}

/** Writes the choice into the address without adding to the browser's history. */
export function setModelInAddress(model: string | undefined): void {
  const { pathname, search } = location
  history.replaceState(null, '', model === undefined ? pathname + search : `#model=${model}`)
}
