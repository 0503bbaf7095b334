/** A process that opens a store and closes it again. usage: opening-process.ts FOLDER */

import { openStore } from '../../../server/corrections/store.ts'

openStore(process.argv[2], { warn: console.error, leastFree: 0 }).close()
