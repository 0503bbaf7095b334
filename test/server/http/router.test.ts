/** The router's memory: the same handlers the second time, and nothing kept of paths that strangers make up. */

import { expect, it } from 'vitest'
import { RouteMemory } from '../../../server/http/router.ts'

function router() {
  const memory = new RouteMemory<string>()
  memory.add('ALL', '*', 'rules')
  memory.add('POST', '/predict', 'predict')
  memory.add('GET', '/models/:model', 'model')
  return memory
}

const handlers = (memory: RouteMemory<string>, method: string, path: string) =>
  memory.match(method, path)[0].map(([handler]) => handler)

it('gives the handlers of a path the second time as the first time, and of each method its own', () => {
  const memory = router()
  for (const _ of [1, 2]) {
    expect(handlers(memory, 'POST', '/predict')).toEqual(['rules', 'predict'])
    expect(handlers(memory, 'GET', '/predict')).toEqual(['rules'])
    expect(handlers(memory, 'GET', '/models/cnn')).toEqual(['rules', 'model'])
    expect(handlers(memory, 'GET', '/elsewhere')).toEqual(['rules'])
  }
})

it('gives each path with a parameter its own one', () => {
  const memory = router()
  const models = ['cnn', 'softmax', 'cnn'].map((model) => memory.match('GET', `/models/${model}`)[0][1][1])
  expect(models).toEqual([{ model: 'cnn' }, { model: 'softmax' }, { model: 'cnn' }])
})

it('finds a route that is added after its path was asked for', () => {
  const memory = router()
  handlers(memory, 'POST', '/predict')
  memory.add('POST', '/predict', 'afterwards')
  expect(handlers(memory, 'POST', '/predict')).toEqual(['rules', 'predict', 'afterwards'])
})

it('remembers paths of routes, and none that a stranger made up', () => {
  const memory = router()
  expect(memory.match('POST', '/predict')).toBe(memory.match('POST', '/predict'))
  expect(memory.match('POST', '/predictions')).not.toBe(memory.match('POST', '/predictions'))
  expect(memory.match('GET', '/models/cnn')).not.toBe(memory.match('GET', '/models/cnn'))
})
