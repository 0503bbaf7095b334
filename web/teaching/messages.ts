/** The page's texts about corrections and learning. */

import type { SenderStanding } from '../../core/learning/decisions.ts'
import type {
  GateReport,
  GateTry,
  Label,
  LearningWait,
  PredictResponse,
  RoundProgress,
  RoundReport,
  TrainingResponse,
} from '../../core/protocol.ts'
import { accessRefusal } from '../api/access-refusals.ts'
import { duration, percent, percentagePoints, quantity, wholePercent } from '../views/format.ts'
import { answeredLabel, confirms, type VisitorCorrection } from './correction.ts'
import type { CorrectionOutcomeState } from './correction-outcome.ts'
import { UNUSABLE_ID } from './correction-queue.ts'

/** A label as part of a sentence: a 7, no digit. */
export function labelPhrase(label: Label): string {
  if (label === 'not-a-digit') return 'no digit'
  return `${label === 8 ? 'an' : 'a'} ${label}`
}

/** Why no correction is possible now; undefined where one is. */
export type NotReady = 'blank' | 'unanswered' | undefined

/** The text beside the ten buttons. */
export function teachingMessage(
  correction: VisitorCorrection | undefined,
  notReady: NotReady,
  learns: boolean,
): string {
  if (correction) return correctionMessage(correction)
  if (notReady === 'blank') return 'Draw a digit first. Then say what it was, and the phone learns from it.'
  if (notReady === 'unanswered') return 'You can correct the phone as soon as it has answered.'
  return learns
    ? 'Say what it was, and the phone learns from it.'
    : 'Say what it was, and the phone keeps your correction for later.'
}

function correctionMessage(correction: VisitorCorrection): string {
  const { state, label, drawing } = correction
  const it = labelPhrase(label)
  switch (state.kind) {
    case 'sending':
      return `Sending to the phone that it was ${it} …`
    case 'waiting':
      if (state.status === undefined) return 'The phone is not answering. Your correction is sent when it is back.'
      return `${whyNot(state.status)} It asks for a pause of ${duration(state.seconds)}; your correction is sent after that.`
    case 'kept':
      if (confirms(correction)) return `Kept: ${it}, so the answer was right.`
      if (answeredLabel(drawing.answer) === 'not-a-digit') return `Kept: it was ${it}.`
      return `Kept: it was ${it}, not ${labelPhrase(answeredLabel(drawing.answer))}.`
    case 'withdrawing':
      return 'Taking it back …'
    case 'withdrawn':
      return 'Taken back: the phone has forgotten it.'
    case 'refused':
      return refusalMessage(state.status, state.code, state.detail, state.retryAfter)
  }
}

function refusalMessage(status: number, code: string, detail: string, retryAfter: number | undefined): string {
  const access = accessRefusal(code, detail)
  if (access) return `${access.text} ${access.remedy}`
  if (status === 429) {
    const pause = retryAfter ? `Try again in ${duration(retryAfter)}.` : 'Try again later.'
    return `${whyNot(status)} ${pause}`
  }
  if (code === 'store_broken')
    return 'The phone can’t keep corrections: its store is damaged. Its owner must repair it.'
  if (UNUSABLE_ID.includes(status)) return 'The phone does not remember this drawing. Draw it again.'
  return `The phone did not accept it: ${detail}.`
}

function whyNot(status: number): string {
  return status === 429
    ? 'The phone has received many corrections from here.'
    : 'The phone can’t keep corrections just now.'
}

/**
 * The outcome of the newest correction.
 * @param name returns a model's name
 * @param mine whether this browser has learned it, for the visitor's own answers
 */
export function outcomeMessage(state: CorrectionOutcomeState, name: (model: string) => string, mine = false): string {
  switch (state.kind) {
    case 'none':
      return ''
    case 'idle':
      return 'No model learns from it now. The phone keeps it until one does.'
    case 'waiting':
      if (state.wait) return `Your drawing is learned from later. ${waitMessage(state.wait)}`
      return state.other ? `${name(state.other.model)} learns first …` : 'The phone starts to learn in a moment …'
    case 'learning':
      return progressMessage(state.round, name)
    case 'learned':
      return endMessage(state.report, name, mine)
  }
}

/** How a round ended for whoever taught: drawings that are held back count for everyone only when somebody agrees. */
function endMessage(report: RoundReport, name: (model: string) => string, mine: boolean): string {
  const { learned, implausible, held = 0 } = report.lessons
  if (held === 0) return verdictMessage(report, name)
  const already = mine ? ' It already counts for you.' : ''
  // a round says how many, not which
  if (learned + implausible === 0) {
    return `Kept: it counts for everyone once somebody else or the phone’s owner agrees.${already}`
  }
  const some = `${quantity(held, 'drawing')} ${held === 1 ? 'counts' : 'count'}`
  return `${verdictMessage(report, name)} ${some} for everyone once somebody else or the phone’s owner agrees.${mine ? ' What you taught already counts for you.' : ''}`
}

/** Why the phone does not learn now. */
export function waitMessage({ reason, charge, temperature, limits }: LearningWait): string {
  switch (reason) {
    case 'not-charging':
      return `The phone learns while it charges. It is not charging now; it is at ${charge} %.`
    case 'low':
      return `The phone learns when it charges and is at ${limits.charge} % or more. It is at ${charge} %.`
    case 'hot':
      return `The phone is too warm to learn, at ${temperature} °C. It learns at ${limits.starts} °C or less.`
    case 'unknown':
      return 'The phone learns while it charges. It can’t tell now how its battery is.'
  }
}

/** The current round: which model learns from how many drawings, and its progress. */
export function progressMessage(
  { phase, model, step, steps, lessons }: RoundProgress,
  name: (model: string) => string,
) {
  const drawings = quantity(lessons, 'drawing')
  switch (phase) {
    case 'preparing':
      return `${name(model)}. Preparing ${drawings}: checking which are plausible, and choosing the replay set …`
    case 'training':
      return `${name(model)}. Learning from ${drawings}: step ${step} of ${steps} …`
    case 'gate':
      return `${name(model)}. Has learned from ${drawings}. The gate now checks that it has forgotten nothing …`
  }
}

/** How a round ended, in one sentence. The phone's reason follows where it adds something. */
export function verdictMessage(
  { verdict, version, model, reason }: Pick<RoundReport, 'verdict' | 'version' | 'model' | 'reason'>,
  name: (model: string) => string,
): string {
  switch (verdict) {
    case 'promoted':
      return `The phone has learned: version ${version ?? '?'} of ${name(model)} answers from now on.`
    case 'refused':
      return `What it learned was not adopted: ${sentence(reason)}`
    case 'unchanged':
      return `There was nothing to learn: ${sentence(reason)}`
    case 'stopped':
      return 'The owner stopped the round before it ended.'
    case 'failed':
      return `The round failed: ${sentence(reason)}`
  }
}

function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`
}

/** The gate's digits, decision and limits. */
export function gateMessage({ passed, images, set, limits, reason }: GateReport): string {
  const on =
    set === 'replay'
      ? `${quantity(images, 'digit')} the phone makes itself`
      : `${quantity(images, 'digit')} of ${set.replace('mnist', 'MNIST')}`
  const limit = `A candidate may lose at most ${percentagePoints(limits.overall).slice(1)} points overall and ${percentagePoints(limits.worstClass).slice(1)} on any digit.`
  return `${passed ? 'Passed' : 'Not passed'}, on ${on}: ${sentence(reason)} ${limit}`
}

/** The gate's decision for each share of what was learned; '' where there was only one try. */
export function triesMessage(tries: readonly GateTry[]): string {
  if (tries.length < 2) return ''
  return `${tries.map(({ share, gate }) => `${wholePercent(share)} of what was learned: ${gate.passed ? 'passed' : 'not passed'}`).join(', ')}.`
}

/** The state of learning in one sentence. */
export function trainingMessage(training: TrainingResponse | undefined, name: (model: string) => string): string {
  if (!training) return 'Asking the phone how it learns …'
  const { state, round, reason, learningWaits, waiting, rounds } = training
  if (state === 'off') return `This phone does not learn now${reason ? `: ${sentence(reason)}` : '.'}`
  if (round) return progressMessage(round, name)
  const due =
    waiting > 0 ? [`${quantity(waiting, 'drawing')} ${waiting === 1 ? 'waits' : 'wait'} to be learned from.`] : []
  if (learningWaits) due.push(waitMessage(learningWaits))
  if (due.length > 0) return due.join(' ')
  const [last] = rounds
  return last
    ? `Nothing to learn now. The last round: ${verdictMessage(last, name)}`
    : 'This phone has not learned anything yet.'
}

/** How many drawings a round learned from and held back, and how many of them were answered right before and after. */
export function learnedMessage({ lessons, right }: Pick<RoundReport, 'lessons' | 'right'>): string {
  const { learned, implausible, held: undecided = 0 } = lessons
  const agreed =
    undecided > 0 ? ` ${quantity(undecided, 'drawing')} held back until somebody else or the owner agrees.` : ''
  const held = `${implausible > 0 ? ` ${quantity(implausible, 'drawing')} held back as implausible.` : ''}${agreed}`
  const gain =
    right && learned > 0 ? ` Of these it got ${right.before} right before and ${right.after} right after.` : ''
  return `${quantity(learned, 'drawing')} learned from.${gain}${held}`
}

/** What the owner has just decided about a sender. */
export function standingMessage(sender: number, standing: SenderStanding): string {
  switch (standing) {
    case 'trusted':
      return `What sender ${sender} teaches counts at once.`
    case 'blocked':
      return `Nothing of sender ${sender} is used, and nothing is taken from it any more.`
    case 'none':
      return `Sender ${sender} is like any other again.`
  }
}

/** What a rollback means for what is learned. */
export function holdMessage(corrections: number): string {
  const wait = corrections === 1 ? 'waits' : 'wait'
  const many = corrections > 0 ? ` ${quantity(corrections, 'correction')} of others ${wait}.` : ''
  return `The owner went back to an earlier version. Until the owner lets the others in, it learns only from the owner.${many}`
}

/** How sure an answer is: 62.0% sure. */
export function answerText({ confidence, verdict }: Pick<PredictResponse, 'confidence' | 'verdict'>): string {
  return verdict === 'not-a-digit' ? 'no digit' : `${percent(confidence)} sure`
}
