/** Checks of the program itself: its settings, its files, and the kernels, which are really run. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { type Finding, fault, ok } from './finding.ts'

/**
 * @param problems what is wrong with variables, each a sentence that begins with the variable's name
 * @param notes what else is to be said of variables
 */
export function checkSettings(problems: readonly string[], notes: readonly string[] = []): Finding {
  const name = 'settings'
  if (problems.length === 0) return ok(name, ['understood', ...notes].join('; '))
  const variables = problems.map((problem) => problem.split(' ')[0])
  return fault('problem', name, problems.join('; '), 'values that serve understands', `unset ${variables.join(' ')}`)
}

/** Whether the built page and at least one model are there. */
export function checkFiles(page: string, models: string, clone: boolean): Finding {
  const name = 'files'
  const remedy = clone ? 'npm run build' : 'sh install.sh'
  const folders = existsSync(models) ? readdirSync(models) : []
  const count = folders.filter((folder) => existsSync(join(models, folder, 'card.json'))).length
  if (count === 0) return fault('problem', name, `no model in ${models}`, 'at least one model', remedy)
  const found = `${count} ${count === 1 ? 'model' : 'models'}`
  if (existsSync(join(page, 'index.html'))) return ok(name, `${found}, and the page`)
  return fault('problem', name, `${found}, and no page in ${page}`, 'the built page', remedy)
}

/**
 * @param kernels the ones that were chosen after a self-test
 * @param chosen the setting of --backend
 * @param simd whether this processor and V8 have SIMD
 */
export function checkBackend(kernels: BackendFactory, chosen: string, simd: boolean, clone: boolean): Finding {
  const name = 'backend'
  const { name: backend, selfTest } = kernels
  if (selfTest === 'passed') return ok(name, `${backend}, self-test passed${chosen ? ', chosen by --backend' : ''}`)
  if (backend === 'scalar' && !simd) return ok(name, 'scalar, self-test passed; simd needs what this processor lacks')
  const expected = 'a faster backend that loads and passes the self-test'
  return fault('warning', name, `${backend}, ${selfTest}`, expected, clone ? 'npm run build' : undefined)
}
