/** The chosen model, remembered in the address: #model=cnn. So it can be bookmarked and sent along; nothing is stored. */

const NAMED = /^#model=([a-z0-9][a-z0-9-]{0,62})$/

/** The model an address names; undefined where it names none: the phone's default. */
export function modelInAddress(hash: string): string | undefined {
  return NAMED.exec(hash)?.[1]
}

/** Writes the choice into the address, without a step in the history. */
export function setModelInAddress(model: string | undefined): void {
  const { pathname, search } = location
  history.replaceState(null, '', model === undefined ? pathname + search : `#model=${model}`)
}
