/** A folder with models whose cards are wrong, while the application answers from it. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ModelsResponse } from '../../../core/protocol.ts'
import { ONE, testApp } from '../http/application.ts'
import { testModel, testWeights, writeModel } from './test-model.ts'

it('a model whose card is wrong in a field that may be missing is listed as broken, and the others go on', async () => {
  const root = testWeights(testModel('a'), testModel('b'))
  let time = 0
  const { request, predict } = testApp({ now: () => time }, root)
  const listing = async () => {
    time += 1000
    return (await (await request('/api/v1/models')).json()) as ModelsResponse
  }
  const ids = ({ models }: ModelsResponse) => models.map(({ id }) => id)
  const edit = (id: string, changes: Record<string, unknown>) => {
    const path = join(root, id, 'card.json')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
  }
  const wrong: Record<string, unknown>[] = [
    { learned: { gate: {} } },
    { learned: { gate: { shipped: {}, candidate: { accuracy: 1 } } } },
    { learned: [] },
    { drawings: { accuracy: '1' } },
    { verdict: { sure: 0.5, others: {} } },
    { trainingTime: 'long' },
    { recipe: [] },
    { name: 'x'.repeat(1000) },
    { test: { accuracy: 0.1, perClass: [null] } },
  ]
  for (const [k, changes] of wrong.entries()) {
    writeModel(root, testModel(`wrong-${k}`))
    edit(`wrong-${k}`, changes)
  }
  const listed = await listing()
  expect(ids(listed)).toEqual(['a', 'b'])
  expect(listed.broken.map(({ id, problem }) => [id, problem])).toEqual([
    ['wrong-0', 'model card: learned.gate.shipped must be an object; it is missing'],
    ['wrong-1', 'model card: learned.gate.shipped.accuracy must be a number from 0 to 1; it is missing'],
    ['wrong-2', 'model card: learned must be an object; it is a list of 0'],
    ['wrong-3', 'model card: drawings.accuracy must be a number from 0 to 1; it is a text of 1 characters'],
    ['wrong-4', 'model card: verdict.others must be a list of 0 to 64; it is an object without fields'],
    ['wrong-5', 'model card: trainingTime must be an object; it is a text of 4 characters'],
    ['wrong-6', 'model card: recipe must be an object; it is a list of 0'],
    ['wrong-7', 'model card: name must be a text of at most 200 characters; it is a text of 1000 characters'],
    ['wrong-8', 'model card: test.perClass must be a list of 10; it is a list of 1'],
  ])
  expect((await predict(JSON.stringify(ONE), 'application/json', '?model=b')).status).toBe(200)
  expect((await request('/api/v1/models/wrong-0')).status).toBe(503)
  edit('wrong-0', { learned: undefined })
  expect(ids(await listing())).toEqual(['a', 'b', 'wrong-0'])
})
