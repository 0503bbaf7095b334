/** The page's texts about answers: of the browser, the phone and all models. */

import { OTHER } from '../../core/data/dataset.ts'
import type { PredictResponse } from '../../core/protocol.ts'
import { accessRefusal } from '../api/access-refusals.ts'
import type { ServerAddress } from '../api/server.ts'
import type { Readiness } from '../models/library.ts'
import { milliseconds, percent, quantity } from '../views/format.ts'
import type { Agreement } from './agreement.ts'
import type { Consensus } from './consensus.ts'
import type { PhoneState } from './phone.ts'
import type { SurveyState } from './survey.ts'

const REFUSALS: Readonly<Record<string, string>> = {
  blank_image: 'All ink or all paper: nothing to tell apart.',
  too_little_ink: 'Too little ink to tell. Draw the whole digit.',
  unknown_model: 'This model is no longer here.',
  broken_model: 'This model can’t be loaded.',
  no_background: 'Too much ink to tell. Leave some paper around the digit.',
}

/** Why a drawing got no answer. `detail` is the program's reason, used for codes without a text here. */
export function refusalMessage(code: string, detail: string): string {
  return REFUSALS[code] ?? `This drawing can’t be read: ${detail}.`
}

export interface PhoneMessage {
  readonly text: string
  readonly detail?: string
  readonly tone: 'quiet' | 'good' | 'wait' | 'bad'
}

/** What may keep a page on another server from reaching the phone: a browser does not tell it. '' for the phone's own page. */
export function awayHint(server: ServerAddress, origin: string): string {
  if (server.kind !== 'other' || server.sameOrigin) return ''
  const https = server.mixed
    ? ' And browsers let a page of https ask over http only in a local network, and only if you allow it.'
    : ''
  return `The phone must allow this page: inkling serve --origins ${origin}.${https}`
}

/**
 * Whose answer is shown, where the visitor has taught this browser.
 * @param everyones the answer of the same model as everyone has it
 */
export function whoseMessage(own: Judged, everyones: Judged | undefined): string {
  if (!everyones) return 'Yours'
  if (saidBy(own) === saidBy(everyones)) return 'Yours, and everyone’s'
  if (everyones.verdict === 'not-a-digit') return 'Yours. Everyone’s: no digit'
  return `Yours. Everyone’s: ${everyones.digit}, ${percent(everyones.confidence)} sure`
}

/**
 * The text about the phone.
 * @param own whether the page shows the visitor's own answer, which the phone does not know
 * @param agreement given only where the phone has answered about the current drawing
 * @param hint what may be wrong where the phone is not answering, or ''
 */
export function phoneMessage(
  state: PhoneState,
  agreement: Agreement | undefined,
  browserAnswers: boolean,
  hint = '',
  own = false,
): PhoneMessage {
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
        detail: hint ? `The page keeps trying. ${hint}` : 'The page keeps trying; there is nothing you need to do.',
        tone: 'wait',
      }
    case 'troubled': {
      const access = accessRefusal(state.code, state.detail)
      if (access) return { text: access.text, detail: access.remedy, tone: 'wait' }
      return { text: `The phone has a problem (error ${state.status}).${meanwhile}`, tone: 'wait' }
    }
    case 'paused': {
      const why = state.status === 429 ? 'The phone has had many drawings from here' : 'The phone is busy'
      return {
        text: `${why} and asks for a pause of ${quantity(state.seconds, 'second')}.${meanwhile}`,
        detail: 'The page sends your drawing after that.',
        tone: 'wait',
      }
    }
    case 'refused': {
      const access = accessRefusal(state.code, state.detail)
      if (access) return { text: access.text, detail: access.remedy, tone: 'wait' }
      return { text: `The phone: ${refusalMessage(state.code, state.detail)}`, tone: 'quiet' }
    }
    case 'answered': {
      const { model, version, timing, samples } = state.answer
      const said = saidBy(state.answer)
      const detail = `${model}, version ${version} · ${milliseconds(timing.total)} on the phone`
      if (samples) {
        return {
          text: `Asked ${samples} times with dropout, the phone says ${said} on average.`,
          detail,
          tone: 'quiet',
        }
      }
      switch (agreement) {
        case 'identical':
          if (own) {
            return { text: `Everyone’s is ${said}: the phone agrees, to the last bit.`, detail, tone: 'good' }
          }
          return { text: 'The phone agrees, to the last bit.', detail, tone: 'good' }
        case 'close':
          return {
            text: `The phone also says ${said}, but with other numbers. That should not happen.`,
            detail,
            tone: 'bad',
          }
        case 'different':
          return { text: `The phone says ${said}. That should not happen: the two must agree.`, detail, tone: 'bad' }
        case 'other-model':
          return { text: `The phone says ${said}, with newer weights. Fetching them …`, detail, tone: 'quiet' }
        default:
          return { text: `The phone says ${said}.`, detail, tone: 'quiet' }
      }
    }
  }
}

type Judged = Pick<PredictResponse, 'digit' | 'verdict' | 'confidence'>

function saidBy({ digit, verdict }: Judged): string {
  return verdict === 'not-a-digit' ? 'that it is no digit' : String(digit)
}

/** The text while the chosen model can't answer in this browser. */
export function waitingMessage(readiness: Readiness): string {
  switch (readiness.kind) {
    case 'waiting':
      if (readiness.reply === undefined) return 'Waiting for the phone to send its model …'
      return readiness.reply.kind === 'refused'
        ? `Waiting for the model; the phone says: ${readiness.reply.detail}.`
        : 'Waiting for the phone, which is not answering, to send its model …'
    case 'fetching':
      return 'Fetching the model …'
    case 'offered':
    case 'failed': // the download section shows the reason
      return 'The phone answers when a stroke is done.'
    case 'ready':
      return 'No digit yet.'
  }
}

/** The votes of many models in one sentence. */
export function consensusMessage({ votes, counts, digit }: Consensus): string {
  const [first] = counts
  if (!first) return 'No model can answer.'
  const name = ({ digit }: { readonly digit: number }) => (digit === OTHER ? 'no digit' : String(digit))
  if (votes === 1) return `The only model that answers says ${name(first)}.`
  if (first.votes === votes) return `${votes === 2 ? 'Both' : `All ${votes}`} say ${name(first)}.`
  const tally = counts.map((count) => `${count.votes} ${count.votes === 1 ? 'says' : 'say'} ${name(count)}`)
  return `${digit === undefined ? 'They disagree: ' : ''}${tally.join(', ')}.`
}

/** The state of the survey of all models in one sentence. */
export function surveyMessage(state: SurveyState, votes: Consensus, drawing: boolean): string {
  switch (state.kind) {
    case 'idle':
      return drawing
        ? 'All models follow once the phone has answered.'
        : 'Draw a digit, and the phone asks all its models.'
    case 'asking':
      return 'Asking all models …'
    case 'waiting':
      return `The phone asks for a pause of ${quantity(state.seconds, 'second')}; the answers follow automatically.`
    case 'refused':
      return `The phone can’t ask all its models: ${state.detail}.`
    case 'answered':
      return consensusMessage(votes)
  }
}
