import { describe, expect, test } from 'vitest'
import type { PredictResponse } from '../../../core/protocol.ts'
import { compare } from '../../../web/answers/agreement.ts'
import {
  awayHint,
  phoneMessage,
  refusalMessage,
  surveyMessage,
  waitingMessage,
  whoseMessage,
} from '../../../web/answers/messages.ts'

describe('what the page says while the model is not here', () => {
  test('the text says that the phone is away or why it refused; else only that the page waits for the model', () => {
    expect(waitingMessage({ kind: 'waiting' })).toBe('Waiting for the phone to send its model …')
    expect(waitingMessage({ kind: 'waiting', reply: { kind: 'unreachable' } })).toContain('which is not answering')
    const reply = { kind: 'refused', status: 503, code: 'busy', detail: 'too busy' } as const
    expect(waitingMessage({ kind: 'waiting', reply })).toBe('Waiting for the model; the phone says: too busy.')
  })
})

describe('what the page says about all models', () => {
  const none = { votes: 0, counts: [], digit: undefined }

  test('before anything is drawn the text says what to do, after that what the page waits for', () => {
    expect(surveyMessage({ kind: 'idle' }, none, false)).toContain('Draw a digit')
    expect(surveyMessage({ kind: 'idle' }, none, true)).toContain('once the phone has answered')
    expect(surveyMessage({ kind: 'waiting', seconds: 1 }, none, true)).toContain('a pause of 1 second;')
  })
})

describe('what the page says about the phone', () => {
  const here = {
    model: 'softmax',
    version: 1,
    digit: 7,
    confidence: 0.9,
    verdict: 'digit' as const,
    other: 0,
    probabilities: [0.1, 0.9],
  }
  const answer = { ...here, id: 'x', timing: { decode: 1, preprocess: 1, infer: 1, total: 3 } } as PredictResponse

  test('answers are identical with the same model and the same probabilities; else the result says how they differ', () => {
    expect(compare(here, answer)).toBe('identical')
    expect(compare(here, { ...answer, probabilities: [0.1, 0.9000000001] })).toBe('close')
    expect(compare(here, { ...answer, digit: 1 })).toBe('different')
    expect(compare(here, { ...answer, version: 2 })).toBe('other-model')
  })

  test('the text says that the browser answers meanwhile only where it can', () => {
    expect(phoneMessage({ kind: 'away' }, undefined, true).text).toContain('Your browser answers meanwhile.')
    expect(phoneMessage({ kind: 'away' }, undefined, false).text).toBe('The phone is not answering.')
  })

  test('a pause of one second is not one of "1 seconds"', () => {
    const words = phoneMessage({ kind: 'paused', status: 503, seconds: 1 }, undefined, false)
    expect(words.text).toContain('1 second.')
  })

  test('only disagreement is alarming', () => {
    const state = { kind: 'answered', revision: 1, answer } as const
    const tones = (['identical', 'close', 'different', 'other-model', undefined] as const).map(
      (agreement) => phoneMessage(state, agreement, true).tone,
    )
    expect(tones).toEqual(['good', 'bad', 'bad', 'quiet', 'quiet'])
  })

  test('the mean of many answers is called a mean, and is not compared with the browser’s single answer', () => {
    const state = { kind: 'answered', revision: 1, answer: { ...answer, samples: 100 } } as const
    const words = phoneMessage(state, undefined, true)
    expect(words.text).toBe('Asked 100 times with dropout, the phone says 7 on average.')
    expect(words.tone).toBe('quiet')
  })

  const refusals = [
    ['cross_site', 403, /takes this page for another site’s/, /keep it, or start Inkling with --trust-proxy/],
    ['foreign_host', 421, /does not answer to the name in this page’s address/, /--hosts/],
  ] as const
  test.each(
    refusals,
  )('%s blames what is in between, not the drawing, and names the setting that mends it; the phone’s own words where they do', (code, status, text, setting) => {
    for (const state of [
      { kind: 'refused', revision: 1, code, detail: 'some reason' } as const,
      { kind: 'troubled', status, code, detail: 'some reason' } as const,
    ]) {
      const words = phoneMessage(state, undefined, true)
      expect(words.text).toMatch(text)
      expect(words.detail).toMatch(setting)
      expect(`${words.text} ${words.detail}`).not.toContain('drawing')
      const told = phoneMessage({ ...state, detail: 'got a, expected b; --some-setting b' }, undefined, true)
      expect(told.detail).toBe('The phone says: got a, expected b; --some-setting b.')
    }
  })

  test('a phone that does not answer a page elsewhere may not allow it, or the browser may not: the text names both', () => {
    const away = (server: Parameters<typeof awayHint>[0], origin = 'https://a.example') =>
      phoneMessage({ kind: 'away' }, undefined, false, awayHint(server, origin)).detail
    const other = { kind: 'other', url: 'http://phone.lan:8000/', sameOrigin: false, mixed: false } as const
    expect(away({ kind: 'own' })).toBe('The page keeps trying; there is nothing you need to do.')
    expect(away({ ...other, sameOrigin: true })).toBe(away({ kind: 'own' }))
    expect(away({ ...other, mixed: true })).toMatch(
      /inkling serve --origins https:\/\/a\.example\. .*https ask over http only/,
    )
    expect(away(other, 'http://a.example')).toMatch(/--origins http:\/\/a\.example\.$/)
  })

  test('a refusal without a text of its own gives the program’s reason', () => {
    expect(refusalMessage('too_odd', 'the odds are against it')).toBe(
      'This drawing can’t be read: the odds are against it.',
    )
  })
})

describe('whose answer it is, in words', () => {
  const said = (digit: number, verdict: 'digit' | 'unsure' | 'not-a-digit' = 'digit') => ({
    digit,
    verdict,
    confidence: 0.912,
  })

  test.each([
    [said(7), undefined, 'Yours'],
    [said(7), said(7, 'unsure'), 'Yours, and everyone’s'],
    [said(7), said(1), 'Yours. Everyone’s: 1, 91.2% sure'],
    [said(7), said(7, 'not-a-digit'), 'Yours. Everyone’s: no digit'],
    [said(7, 'not-a-digit'), said(7), 'Yours. Everyone’s: 7, 91.2% sure'],
  ])('%j beside %j: %s', (own, everyones, words) => {
    expect(whoseMessage(own, everyones)).toBe(words)
  })
})
