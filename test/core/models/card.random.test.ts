/** Model cards of somebody else's making: whatever is in any of their fields, they are whole or refused in words. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../../core/errors.ts'
import { type Card, parseCard } from '../../../core/models/card.ts'
import { hasDropout } from '../../../core/models/create-model.ts'
import { Random } from '../../../core/random.ts'
import { loadedMemory } from '../../../core/recognizer.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { randomCases } from '../../random-cases.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Place = readonly (string | number)[]

const SCORE = { accuracy: 0.9, perClass: Array(10).fill(0.9), digitsKept: 0.99, othersTurnedAway: 0.9 }
const LEARNED = {
  parent: 1,
  round: 3,
  shipped: '0'.repeat(64),
  share: 0.5,
  gate: {
    set: 'replay',
    images: 4780,
    shipped: SCORE,
    candidate: SCORE,
    limits: { overall: 0.001, worstClass: 0.01, digits: 0.002, others: 0.02 },
    passed: true,
    reason: 'it is as good',
  },
}

/** The shipped cards, as versions that were learned. */
const CARDS = readdirSync(SHIPPED_MODELS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const card = JSON.parse(readFileSync(join(SHIPPED_MODELS, name, 'card.json'), 'utf8'))
    return { ...card, learned: LEARNED } as { [name: string]: Json }
  })

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const HUGE = 'x'.repeat(100_000)

/** What JSON can hold in the wrong place. `1e999` is Infinity once it is read. */
const JUNK = [
  'null',
  'true',
  '-1',
  '1e999',
  '1.5',
  '""',
  '"1"',
  `"${HUGE}"`,
  '{}',
  '[]',
  '[[]]',
  '{"__proto__":{}}',
  DEEP,
]

/** Every place of a value, and what is there. */
function places(value: Json, at: Place = []): [Place, Json][] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) => places(one, [...at, Array.isArray(value) ? Number(name) : name]))
      : []
  return [[at, value], ...inner]
}

/** The card with this text of JSON in that place; '' for nothing. */
function changed(card: Json, [first, ...rest]: Place, text: string): string {
  if (first === undefined) return text
  const written = Object.entries(card as object).map(([name, one]) => {
    const inner = name === String(first) ? changed(one, rest, text) : JSON.stringify(one)
    if (inner === '') return ''
    return Array.isArray(card) ? inner : `${JSON.stringify(name)}:${inner}`
  })
  const body = written.filter((one) => one !== '').join(',')
  return Array.isArray(card) ? `[${body}]` : `{${body}}`
}

/** Why the card is refused, '' if it is not; any other error fails the test. */
function refusal(text: string): string {
  try {
    serve(parseCard(JSON.parse(text)))
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect([error.status, error.code]).toEqual([422, 'bad_card'])
    expect(error.message).toMatch(/^model card: [^\n]{10,280}$/)
    return error.message
  }
}

/** What the list of models reads of a card. */
function serve(card: Card): void {
  loadedMemory(card)
  hasDropout(card)
  const { gate } = card.learned ?? {}
  const figures = [card.test.accuracy, card.drawings?.accuracy, gate?.shipped.accuracy, gate?.candidate.accuracy]
  for (const figure of figures) if (figure !== undefined) expect(figure).toBeGreaterThanOrEqual(0)
  expect(JSON.stringify(card).length).toBeGreaterThan(0)
}

const shown = (place: Place) =>
  place.map((one, k) => (typeof one === 'number' ? `[${one}]` : k === 0 ? one : `.${one}`)).join('')

const isObject = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value)

describe('a model card', () => {
  it('of every shipped model is whole, learned or not, and so is one with fields of later programs', () => {
    for (const card of CARDS) {
      expect(refusal(JSON.stringify(card))).toBe('')
      const { learned: _, ...shipped } = card
      expect(refusal(JSON.stringify({ ...shipped, later: { any: ['thing'] } }))).toBe('')
    }
  })

  it('with a value of another kind in any field is refused, and the sentence names that field', () => {
    for (const card of CARDS) {
      const recipe = card.type === 'network' ? '' : 'recipe'
      for (const [place, value] of places(card)) {
        const [first, second] = place
        // a layer has words of its own; a recipe of another model has numbers and texts of any names
        if (first === undefined || first === 'layers') continue
        const other = isObject(value) ? '[]' : Array.isArray(value) ? '{}' : typeof value === 'number' ? '"1"' : '1'
        const wrong = first === recipe && second !== undefined ? ['[]', 'null'] : [other, 'null', `"${HUGE}"`]
        for (const text of wrong) {
          const message = refusal(changed(card, place, text))
          expect([shown(place), text.slice(0, 9), message]).toEqual([
            shown(place),
            text.slice(0, 9),
            expect.stringContaining(`model card: ${shown(place)} must be `),
          ])
        }
      }
    }
  })

  it('whose gate or other optional field is an object without fields says what is missing', () => {
    const of = (changes: object) => refusal(JSON.stringify({ ...CARDS[0], ...changes }))
    expect(of({ learned: { gate: {} } })).toBe('model card: learned.gate.shipped must be an object; it is missing')
    expect(of({ verdict: {} })).toBe('model card: verdict.sure must be a number from 0 to 1; it is missing')
    expect(of({ drawings: { accuracy: 1.5 } })).toBe(
      'model card: drawings.accuracy must be a number from 0 to 1; it is 1.5',
    )
    expect(of({ trainingTime: [] })).toBe('model card: trainingTime must be an object; it is a list of 0')
  })

  it('that is nested without end, or has a field that means something to JavaScript, is refused', () => {
    for (const text of [DEEP, `{"later":${DEEP}}`, `[${DEEP}]`]) expect(refusal(text)).toContain('at most 12 deep')
    const inner = '"__proto__":{"accuracy":1,"shipped":{}}'
    const within = (value: Json) => `{${inner},${JSON.stringify(value).slice(1)}`
    for (const card of CARDS) {
      expect(refusal(within(card))).toContain('__proto__')
      for (const name of ['test', 'recipe', 'learned']) {
        expect(refusal(changed(card, [name], within(card[name])))).toContain('__proto__')
      }
    }
    expect(({} as { shipped?: unknown }).shipped).toBeUndefined()
  })

  it('with junk anywhere is refused in words, or all that is read of it is sound', () => {
    const random = new Random(5, 3)
    let refused = 0
    const cases = randomCases(20_000)
    for (let k = 0; k < cases; k++) {
      const card = CARDS[random.below(CARDS.length)]
      const all = places(card)
      const [place] = all[random.below(all.length)]
      const junk = ['', ...JUNK]
      if (refusal(changed(card, place, junk[random.below(junk.length)]) || 'null') !== '') refused++
    }
    expect(refused / cases).toBeGreaterThan(0.5)
  })
})
