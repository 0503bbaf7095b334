/** Where learning in the browser stands, with a worker that the test plays. */

import { beforeEach, expect, test } from 'vitest'
import type { ModelFiles } from '../../../core/models/source.ts'
import type { FromWorker, ToWorker } from '../../../web/learning/jobs.ts'
import { yoursFacts, yoursMessage } from '../../../web/learning/messages.ts'
import { TaughtDrawings } from '../../../web/learning/taught-drawings.ts'
import { Yours } from '../../../web/learning/yours.ts'

const drawing = (number: number): Uint8Array => new Uint8Array(784).fill(number)
const model = (id: string, version = 1, type = 'network') =>
  ({ card: { id, version, type }, data: Uint8Array.of(version) }) as unknown as ModelFiles

let posted: ToWorker[]
let own: [model: string, data: number | undefined][]
let starts: number
let ended: number
let refuse: boolean // the worker does not start
let answer: (message: FromWorker) => void
let broken: (reason: string) => void

beforeEach(() => {
  posted = []
  own = []
  starts = ended = 0
  refuse = false
})

async function createYours(): Promise<Yours> {
  const yours = new Yours(new TaughtDrawings(), {
    start: async (answered, crashed) => {
      starts++
      if (refuse) throw new Error('the worker cannot be loaded')
      answer = answered
      broken = crashed
      return { post: (message) => posted.push(message), terminate: () => ended++ }
    },
    own: (id, files) => own.push([id, files?.data[0]]),
    changed: () => {},
  })
  await settle() // it has looked for drawings that were kept
  return yours
}

/** Lets what was begun go on. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))
const jobs = () => posted.filter((message) => message.type === 'learn')
const learned = (job = jobs().at(-1)?.job ?? 0) =>
  answer({ type: 'learned', job, data: Uint8Array.of(77), sha256: 'ab', ms: 340 })

test('a drawing is learned from the model chosen; the answer is the visitor’s as soon as the worker has it', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.teach(drawing(1), 4)
  await settle()
  expect(yours.state.kind).toBe('learning')
  expect(posted.map(({ type }) => type)).toEqual(['everyones', 'learn'])
  expect(jobs()[0]?.lessons).toEqual([{ input: drawing(1), label: 4 }])
  learned()
  expect(own.at(-1)).toEqual(['cnn', 77])
  expect(yours.state).toEqual({ kind: 'learned', version: 1, drawings: 1, sha256: 'ab', ms: 340 })
  expect(yoursFacts(yours.state)).toBe('Your own weights: learned in 0.3 s from version 1 and 1 drawing. SHA-256 ab')
})

test('the last list of drawings counts: what was learned of an earlier one is ignored', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.teach(drawing(1), 4)
  await settle()
  const [first] = jobs()
  yours.teach(drawing(2), 5)
  await settle()
  learned(first?.job)
  expect(yours.state.kind).toBe('learning')
  expect(jobs().at(-1)?.lessons).toHaveLength(2)
  yours.takeBack(drawing(1))
  await settle()
  expect(jobs().at(-1)?.lessons).toEqual([{ input: drawing(2), label: 5 }])
  learned()
  expect(yours.state).toMatchObject({ kind: 'learned', drawings: 1 })
})

test('everyone’s next version, or another model, is learned from anew, with all drawings', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.teach(drawing(1), 4)
  await settle()
  learned()
  yours.follow('cnn', model('cnn', 2))
  await settle()
  learned()
  expect(yours.state).toMatchObject({ kind: 'learned', version: 2 })
  yours.follow('small', undefined)
  expect(yours.state.kind).toBe('waiting')
  yours.follow('small', model('small'))
  await settle()
  expect(posted.map(({ type }) => type)).toEqual(['everyones', 'learn', 'everyones', 'learn', 'everyones', 'learn'])
  expect(starts).toBe(1)
})

test('a model that is no network learns on the phone alone, and the page says so', async () => {
  const yours = await createYours()
  yours.follow('knn', model('knn', 1, 'neighbours'))
  yours.warm()
  yours.prepare()
  yours.teach(drawing(1), 4)
  await settle()
  expect([starts, yours.state.kind, own.at(-1)]).toEqual([0, 'unable', ['knn', undefined]])
  expect(yoursMessage(yours.state, 1, true)).toBe(
    'This model learns on the phone alone. This browser keeps your 1 drawing for networks.',
  )
})

test('forgetting leaves no drawing and no weights, also when the worker answers late', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.teach(drawing(1), 4)
  await settle()
  yours.forget()
  learned()
  expect([yours.drawings, own.at(-1)]).toEqual([0, ['cnn', undefined]])
  expect(yours.state).toEqual({ kind: 'nothing', forgotten: true })
})

test('what every lesson needs is prepared once, when the visitor draws', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.warm()
  for (let i = 0; i < 3; i++) yours.prepare()
  await settle()
  expect([starts, posted.map(({ type }) => type)]).toEqual([1, ['everyones', 'prepare']])
})

test('a worker that crashes is started again, three times at most, and then when the visitor comes back', async () => {
  const yours = await createYours()
  yours.follow('cnn', model('cnn'))
  yours.teach(drawing(1), 4)
  await settle()
  broken('it crashed')
  await settle()
  expect([starts, ended, jobs().length]).toEqual([2, 1, 2])
  refuse = true
  broken('it crashed')
  await settle()
  expect([starts, yours.state]).toEqual([3, { kind: 'failed', reason: 'the worker cannot be loaded' }])
  refuse = false
  await yours.wake()
  await settle()
  learned()
  expect(yours.state.kind).toBe('learned')
})
