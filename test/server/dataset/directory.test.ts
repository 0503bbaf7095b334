/** Where a user's data is, on systems that name no home folder. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../faults/habits.ts'

describe('the home folder', () => {
  const home = (env: NodeJS.ProcessEnv) =>
    evaluate(
      ['home'],
      `import { homeFolder } from './server/dataset/directory.ts'
       import { PROGRAM } from './server/files/program.ts'
       console.log(homeFolder().replace(PROGRAM, 'PROGRAM'))`,
      env,
    )

  it('is Termux’s where the system names none, else that of the program', async () => {
    const PREFIX = '/data/data/com.termux/files/usr'
    expect(await home({ PREFIX })).toBe('/data/data/com.termux/files/home')
    expect(await home({ PREFIX: '/usr/local' })).toBe('PROGRAM')
  })

  it('is absolute with an empty HOME too', async () => {
    const code = `import { dataDirectory } from './server/dataset/directory.ts'; console.log(dataDirectory())`
    const env = { HOME: '', INKLING_DATA: '', XDG_DATA_HOME: '', PREFIX: '/data/data/com.termux/files/usr' }
    expect(await evaluate([], code, env)).toBe(join(env.PREFIX, '../home/.local/share/inkling'))
  })
})
