/** The steps of the store's schema, in the order in which they came: new ones go to the end, none is ever changed. */

import { CORRECTIONS_1 } from './corrections.ts'
import { ROUNDS_1 } from './round-tables.ts'

export const MIGRATIONS: readonly string[] = [CORRECTIONS_1, ROUNDS_1]
