/**
 * The steps of the store's schema, oldest first. New steps go to the end; a step is never changed. One after LAYOUT must work without
 * that one too: a store that cannot be copied yet goes through them all the same.
 */

import { CORRECTIONS_1, CORRECTIONS_2 } from './corrections.ts'
import { FORGETTING_1 } from './forgetting.ts'
import { ROOM_1 } from './room.ts'
import { ROUNDS_1, ROUNDS_2, ROUNDS_RENAMED } from './round-tables.ts'
import { SENDERS_1 } from './senders.ts'

export const MIGRATIONS: readonly string[] = [
  CORRECTIONS_1,
  ROUNDS_1,
  ROUNDS_2,
  CORRECTIONS_2,
  SENDERS_1,
  FORGETTING_1,
  ROOM_1,
]

/** The step for which rows are copied into a new file: CORRECTIONS_2. */
export const LAYOUT = 4

/** Columns that a step has renamed, by table: old name to new. A damaged store may still have the old names. */
export const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = { rounds: ROUNDS_RENAMED }
