/** Keeps the chosen model in the page's address, as #model=cnn, where it can be bookmarked and shared. It is stored nowhere else. */

import { MODEL_ID } from '../../core/protocol.ts'

const PREFIX = '#model='

/** The model named in an address; undefined where there is none, which means the phone's default. */
export function modelInAddress(hash: string): string | undefined {
  const id = hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : ''
  return MODEL_ID.test(id) ? id : undefined
}

/** Writes the choice into the address without adding to the browser's history. */
export function setModelInAddress(model: string | undefined): void {
  const { pathname, search } = location
  history.replaceState(null, '', model === undefined ? pathname + search : PREFIX + model)
}
