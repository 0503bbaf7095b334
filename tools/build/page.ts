/** Bundles the page with vite, as web/vite.config.ts says: in memory. */

import { join } from 'node:path'
import { build, type Rolldown } from 'vite'
import type { Outputs } from './step.ts'

/**
 * @param folder where the page goes, below build/
 * @param mode of vite
 * @throws Error with the bundler's messages
 */
export async function bundlePage(root: string, folder: string, mode: 'production' | 'development'): Promise<Outputs> {
  process.env.NODE_ENV = 'production' // else vite takes over what a test runner, for one, has set
  const configFile = join(root, 'web/vite.config.ts')
  const built = (await build({ configFile, mode, logLevel: 'warn' })) as Rolldown.RolldownOutput
  return new Map(
    built.output
      .map((file) => [`${folder}/${file.fileName}`, file.type === 'chunk' ? file.code : file.source] as const)
      // index.html comes last: it never names a file that is not there yet
      .sort(([a], [b]) => Number(a.endsWith('.html')) - Number(b.endsWith('.html'))),
  )
}
