/** Where a user's data is, also on systems that name no home folder, and what ~ stands for. */

import { cpSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataDirectory } from '../../../server/dataset/directory.ts'
import { expandHome, expandWord } from '../../../server/files/home.ts'
import { stateDirectory } from '../../../server/files/state-directory.ts'
import { evaluate } from '../../faults/habits.ts'
import { ROOT, run } from '../command.ts'

describe('the home folder', () => {
  const home = (env: NodeJS.ProcessEnv) =>
    evaluate(
      ['home'],
      `import { homeFolder } from './server/files/home.ts'
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

describe('~', () => {
  const home = () => '/home/ann'

  it.each([
    ['~', '/home/ann'],
    ['~/x/y', '/home/ann/x/y'],
    ['~bob/x', '~bob/x'],
    ['x/~', 'x/~'],
    ['./~/x', './~/x'],
    ['', ''],
  ])('%j is the path %j', (path, expanded) => {
    expect(expandHome(path, home)).toBe(expanded)
  })

  it.each([
    ['~/x.png', '/home/ann/x.png'],
    ['--state=~/x', '--state=/home/ann/x'],
    ['--state=~', '--state=/home/ann'],
    ['--data=mnist,~/a,~/b', '--data=mnist,/home/ann/a,/home/ann/b'],
    ['--licence=like ~ this', '--licence=like ~ this'],
    ['--state', '--state'],
    ['-', '-'],
  ])('the word %j is %j', (word, expanded) => {
    expect(expandWord(word, home)).toBe(expanded)
  })

  it('is expanded in the variables of state and data too, and quotes around a path are left out', () => {
    const real = expandHome('~')
    expect(stateDirectory('', { INKLING_STATE: '~/s' })).toBe(join(real, 's'))
    expect(stateDirectory('~/t', { INKLING_STATE: '~/s' })).toBe(join(real, 't'))
    expect(dataDirectory({ INKLING_DATA: '"~/d"' })).toBe(join(real, 'd'))
    expect(dataDirectory({ XDG_DATA_HOME: '~/.data' })).toBe(join(real, '.data/inkling'))
  })

  it('is expanded in what a command is given', async () => {
    const HOME = mkdtempSync(join(tmpdir(), 'inkling-home-'))
    cpSync(join(ROOT, 'test/arm/fixtures/7-grey.png'), join(HOME, '7.png'))
    cpSync(join(ROOT, 'weights/softmax'), join(HOME, 'models/softmax'), { recursive: true })
    const words = ['predict', '~/7.png', '--models=~/models', '--model', 'softmax']
    expect(await run(words, { HOME })).toMatchObject({ code: 0, stderr: '' })
    expect(await run(['token', '--save', '--state=~/state'], { HOME })).toMatchObject({ code: 0 })
    expect(existsSync(join(HOME, 'state/token'))).toBe(true)
  })
})
