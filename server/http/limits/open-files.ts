/** How many connections a process takes that may open few files: threads, the store and models must still be able to open theirs. */

import type { OpenFilesLimit } from '../../files/open-files-limit.ts'

/** Files that may be needed beside connections: 5 for each of three threads, and those that are read and written meanwhile. */
const RESERVED = 24

/** Connections without a place that may be open at once, until they are refused: each takes some kilobytes. */
const WITHOUT_PLACE = 192

/** Connections that are taken however few files there are: with fewer nobody could load the page. */
const LEAST = 4

/** How many connections may be open. */
export interface ConnectionRoom {
  readonly places: number
  readonly withoutPlace: number // that are refused in words
  readonly most: number // beyond which the system's own refusal is all there is; Infinity where there are files for all
  readonly warning: string // where these are fewer places than wanted, '' otherwise
}

/**
 * @param wanted places
 * @param limit as it is before the first connection; undefined where there is none
 */
export function connectionRoom(wanted: number, limit: OpenFilesLimit | undefined): ConnectionRoom {
  const room = limit ? Math.max(LEAST, limit.most - limit.open - RESERVED) : Infinity
  const places = Math.min(wanted, Math.ceil((3 * room) / 4))
  const withoutPlace = Math.min(WITHOUT_PLACE, room - places)
  const most = places + withoutPlace < wanted + WITHOUT_PLACE ? room : Infinity
  const warning =
    limit && places < wanted
      ? `this process may have ${limit.most} files open: ${places} connections at once are taken, not ${wanted}; \`ulimit -n 1024\` before the start, or LimitNOFILE=1024 of a systemd service, allows more`
      : ''
  return { places, withoutPlace, most, warning }
}
