/** The steps of the schema that a file has been through. */

import type { DatabaseSync } from 'node:sqlite'

/** What each step after the one for which rows are copied adds to the version of a file that is without that one. */
const LATER = 65_536

/** The version of a file: how many steps are done, or, where one in between is not, those before it and LATER for each one after it. */
export function version(database: DatabaseSync): number {
  return (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

/** Whether the rows of a file have to be copied for the step `layout`. */
export function awaitsLayout(database: DatabaseSync, layout: number): boolean {
  const done = version(database)
  return done > 0 && done % LATER < layout
}

/**
 * Does the steps that are not done, all or none of them. A file whose rows have to be copied, for the step `layout`, is used as it is until they are: its
 * tables and columns have the same names.
 * @throws Error with a sentence where the file is newer, or too old to be only read
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly string[],
  layout: number,
  readOnly: boolean,
): void {
  const found = version(database)
  const steps = awaitsLayout(database, layout) ? stepsWithout(layout, migrations.length) : migrations.map((_, i) => i)
  const done = steps.findIndex((_, i) => versionAfter(steps.slice(0, i), layout) === found)
  const all = versionAfter(steps, layout)
  if (found === all) return
  if (done < 0) throw new Error('it was written by a newer version of this program')
  if (readOnly) throw new Error('a server of this version must have opened it once')
  const missing = steps.slice(done).map((step) => migrations[step])
  database.exec(`BEGIN IMMEDIATE; ${missing.join(';')}; PRAGMA user_version = ${all}; COMMIT`)
}

function stepsWithout(layout: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => i !== layout - 1)
}

function versionAfter(done: readonly number[], layout: number): number {
  if (layout === 0 || done.includes(layout - 1)) return done.length
  const before = done.filter((i) => i < layout - 1).length
  return before + LATER * (done.length - before)
}
