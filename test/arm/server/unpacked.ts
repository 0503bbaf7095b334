/** The archives that `npm run bundle` writes, unpacked as on a phone. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProcess } from '../../child-processes.ts'

export interface Archives {
  readonly version: string
  readonly bundle: string // path of the .tgz
  readonly models: string // the same, of the models that the bundle leaves out
}

export function bundleArchives(root: string): Archives {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const archive = (name: string) => join(root, 'build', `${name}-${version}.tgz`)
  return { version, bundle: archive('inkling'), models: archive('inkling-models') }
}

/** A fresh folder with the bundle in it, and nothing else; home directory of the program. */
export interface Unpacked {
  readonly home: string
  readonly program: string // server/inkling.js
  readonly state: string // folder of its state
  unpackModels(): Promise<void>
  /** Ends of what runs in it, which `remove` calls. */
  readonly ends: (() => void)[]
  remove(): void
}

export async function unpackBundle({ version, bundle, models }: Archives): Promise<Unpacked> {
  const home = mkdtempSync(join(tmpdir(), 'inkling-arm-'))
  const state = join(home, 'state')
  mkdirSync(state, { mode: 0o700 })
  const unpack = async (archive: string) => {
    const { code, stderr } = await runProcess('tar', ['-xzf', archive, '-C', home])
    if (code !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr}`)
  }
  await unpack(bundle)
  const ends: (() => void)[] = []
  return {
    home,
    program: join(home, `inkling-${version}`, 'server/inkling.js'),
    state,
    unpackModels: () => unpack(models),
    ends,
    remove() {
      for (const end of ends) end()
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Environment of the program: no settings of this machine, no data sets, and quotas that let a test ask quickly. */
export function environmentOf({ home, state }: Unpacked): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    NO_COLOR: '1',
    INKLING_STATE: state,
    INKLING_DATA: join(home, 'no-data-sets'),
    INKLING_RATE_LIMIT: 'off',
    INKLING_LEARNING: 'always', // also where this machine has a battery
    INKLING_TOKEN: TOKEN,
  }
}

/** The owner's. */
export const TOKEN = 'owner-of-an-emulated-phone'.padEnd(43, '-')
