/** What the page says, in plain words. */

import type { Readiness } from '../models/library.ts'
import type { Agreement } from './agreement.ts'
import type { Consensus } from './consensus.ts'
import type { PhoneState } from './phone.ts'
import type { SurveyState } from './survey.ts'

/** 0..1 as people read it: 0.98234 is 98.2%; certainty is not rounded up to. */
export function percent(share: number): string {
  return `${share >= 0.9995 && share < 1 ? '99.9' : (share * 100).toFixed(1)}%`
}

/** ms with three significant digits: 0.412 ms, 12.3 ms, 1520 ms. */
export function milliseconds(ms: number): string {
  return `${ms < 0.1 ? ms.toFixed(2) : Number(ms.toPrecision(3))} ms`
}

/** Bytes as MB of 2^20. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

/** Bytes of a file, in kB of 2^10 or MB of 2^20: 31 kB, 1.4 MB. */
export function fileSize(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`
}

/** A mean and its standard deviation, both 0..1: 97.2 ± 1.4%. */
export function percentWithSpread(mean: number, deviation: number): string {
  return `${percent(mean).slice(0, -1)} ± ${percent(deviation)}`
}

/** s as the two largest units: 3 d 4 h, 2 min 5 s. */
export function duration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  let rest = Math.floor(seconds)
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return `${count} ${unit}`
    })
    .filter((part) => !part.startsWith('0 '))
    .join(' ')
}

const REFUSALS: Readonly<Record<string, string>> = {
  blank_image: 'All ink or all paper: nothing to tell apart.',
  too_little_ink: 'Too little ink to tell. Draw the whole digit.',
  unknown_model: 'This model is no longer here.',
  broken_model: 'This model can’t be loaded.',
  no_background: 'Too much ink to tell. Leave some paper around the digit.',
}

/** Why a drawing got no answer. `detail` is what the program said, for codes without words of their own. */
export function refusal(code: string, detail: string): string {
  return REFUSALS[code] ?? `This drawing can’t be read: ${detail}.`
}

const BACKENDS: Readonly<Record<string, string>> = {
  simd: 'WebAssembly with SIMD',
  scalar: 'WebAssembly',
  ts: 'TypeScript',
}

/** The name of a backend for people. */
export function backend(name: string): string {
  return BACKENDS[name] ?? name
}

export interface PhoneWords {
  readonly text: string
  readonly detail?: string
  readonly tone: 'quiet' | 'good' | 'wait' | 'bad'
}

/** What to say about the phone. `agreement` only where it has answered about the drawing on the paper. */
export function phoneWords(state: PhoneState, agreement: Agreement | undefined, browserAnswers: boolean): PhoneWords {
  const meanwhile = browserAnswers ? ' Your browser answers meanwhile.' : ''
  switch (state.kind) {
    case 'unknown':
      return { text: 'Looking for the phone …', tone: 'quiet' }
    case 'ready':
      return { text: 'The phone is ready.', tone: 'quiet' }
    case 'asking':
      return { text: 'Asking the phone …', tone: 'quiet' }
    case 'away':
      return {
        text: `The phone is not answering.${meanwhile}`,
        detail: 'Trying again by itself; nothing to do.',
        tone: 'wait',
      }
    case 'troubled':
      return { text: `The phone has a problem (error ${state.status}).${meanwhile}`, tone: 'wait' }
    case 'paused': {
      const why = state.status === 429 ? 'The phone has had many drawings from here' : 'The phone is busy'
      const pause = state.seconds === 1 ? '1 second' : `${state.seconds} seconds`
      return {
        text: `${why} and asks for a pause of ${pause}.${meanwhile}`,
        detail: 'Your drawing follows by itself.',
        tone: 'wait',
      }
    }
    case 'refused':
      return { text: `The phone: ${refusal(state.code, state.detail)}`, tone: 'quiet' }
    case 'answered': {
      const { model, version, timing, digit, samples } = state.answer
      const detail = `${model}, version ${version} · ${milliseconds(timing.total)} on the phone`
      if (samples) {
        return {
          text: `Asked ${samples} times with dropout, the phone says ${digit} on average.`,
          detail,
          tone: 'quiet',
        }
      }
      switch (agreement) {
        case 'identical':
          return { text: 'The phone agrees, to the last bit.', detail, tone: 'good' }
        case 'close':
          return {
            text: `The phone also says ${digit}, but with other numbers. That should not happen.`,
            detail,
            tone: 'bad',
          }
        case 'different':
          return { text: `The phone says ${digit}. That should not happen: the two must agree.`, detail, tone: 'bad' }
        case 'other-model':
          return { text: `The phone says ${digit}, with newer weights. Fetching them …`, detail, tone: 'quiet' }
        default:
          return { text: `The phone says ${digit}.`, detail, tone: 'quiet' }
      }
    }
  }
}

/** What there is to say where the chosen model can't answer here yet. */
export function waitingWords(readiness: Readiness): string {
  switch (readiness.kind) {
    case 'waiting':
      if (readiness.reply === undefined) return 'Waiting for the phone to send its model …'
      return readiness.reply.kind === 'refused'
        ? `Waiting for the model; the phone says: ${readiness.reply.detail}.`
        : 'Waiting for the phone, which is not answering, to send its model …'
    case 'fetching':
      return 'Fetching the model …'
    case 'offered':
    case 'failed': // why stands beside what the phone says
      return 'The phone answers when a stroke is done.'
    case 'ready':
      return 'No digit yet.'
  }
}

/** The votes of many models in one sentence. */
export function consensusWords({ votes, counts, digit }: Consensus): string {
  const [first] = counts
  if (!first) return 'No model can answer.'
  if (votes === 1) return `The only model that answers says ${first.digit}.`
  if (first.votes === votes) return `${votes === 2 ? 'Both' : `All ${votes}`} say ${first.digit}.`
  const tally = counts.map((count) => `${count.votes} ${count.votes === 1 ? 'says' : 'say'} ${count.digit}`)
  return `${digit === undefined ? 'They disagree: ' : ''}${tally.join(', ')}.`
}

/** How the survey of all models stands. */
export function surveyWords(state: SurveyState, votes: Consensus, drawing: boolean): string {
  switch (state.kind) {
    case 'idle':
      return drawing
        ? 'All models follow once the phone has answered.'
        : 'Draw a digit, and the phone asks all its models.'
    case 'asking':
      return 'Asking all models …'
    case 'waiting':
      return `The phone asks for a pause of ${state.seconds === 1 ? '1 second' : `${state.seconds} seconds`}; the answers follow by themselves.`
    case 'refused':
      return `The phone can’t ask all its models: ${state.detail}.`
    case 'answered':
      return consensusWords(votes)
  }
}
