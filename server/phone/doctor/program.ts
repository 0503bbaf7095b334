/** Checks of the program itself: its settings, its files, and the kernels, which are really run. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { type Finding, fault, ok } from './finding.ts'

/** @param problems what is wrong with variables, each a sentence that begins with the variable's name */
export function checkSettings(problems: readonly string[]): Finding {
  const name = 'settings'
  if (problems.length === 0) return ok(name, 'understood')
  const variables = problems.map((problem) => problem.split(' ')[0])
  return fault('problem', name, problems.join('; '), 'values that serve understands', `unset ${variables.join(' ')}`)
}

/** Whether the built page and at least one model are there. @param folders in the folder of models */
export function checkFiles(page: string, models: string, folders: readonly string[], clone: boolean): Finding {
  const name = 'files'
  const remedy = clone ? 'npm run build' : 'sh install.sh'
  const count = folders.filter((folder) => existsSync(join(models, folder, 'card.json'))).length
  if (count === 0) return fault('problem', name, `no model in ${models}`, 'at least one model', remedy)
  const found = `${count} ${count === 1 ? 'model' : 'models'}`
  if (existsSync(join(page, 'index.html'))) return ok(name, `${found}, and the page`)
  return fault('problem', name, `${found}, and no page in ${page}`, 'the built page', remedy)
}

/** @param kernels the ones that were chosen after a self-test @param chosen the setting of --backend */
export function checkBackend({ name: backend, selfTest }: BackendFactory, chosen: string, clone: boolean): Finding {
  const name = 'backend'
  if (selfTest === 'passed') return ok(name, `${backend}, self-test passed${chosen ? ', chosen by --backend' : ''}`)
  const expected = 'a faster backend that loads and passes the self-test'
  return fault('warning', name, `${backend}, ${selfTest}`, expected, clone ? 'npm run build' : undefined)
}
