/** The temporary folder of a command, on a system that has none. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { evaluate } from '../../faults/habits.ts'
import { newFolder } from '../corrections/corrections.ts'

it('is in the user’s data where the system’s does not exist', async () => {
  const home = newFolder()
  const code = `import { temporaryFolder } from './server/files/temporary.ts'; console.log(temporaryFolder())`
  const made = await evaluate(['tmp'], code, { XDG_DATA_HOME: home })
  expect(dirname(made)).toBe(join(home, 'inkling'))
  expect(existsSync(made)).toBe(true)
})
