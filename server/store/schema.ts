/** The steps of the schema that a file has been through. */

import type { DatabaseSync } from 'node:sqlite'

/** How many steps are done. */
export function version(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

/**
 * Does the steps that are not done. A file whose rows have to be copied, for the step `layout`, is used as it is until they are: its
 * columns have the same names.
 * @throws Error with a sentence where the file is newer, or too old to be only read
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly string[],
  layout: number,
  readOnly: boolean,
): void {
  const done = version(database)
  if (done > migrations.length) throw new Error('it was written by a newer version of this program')
  const last = done > 0 && done < layout ? layout - 1 : migrations.length
  if (readOnly && done < last) throw new Error('a server of this version must have opened it once')
  for (let step = done; step < last; step++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[step]}; PRAGMA user_version = ${step + 1}; COMMIT`)
  }
}
