/** Composes teaching: the visitor's corrections, their outcome, and the section on how the phone learns. */

import type { Label, RoundReport, TrainingEvent, TrainingResponse, VersionsResponse } from '../../core/protocol.ts'
import { correct, withdraw } from '../api/corrections.ts'
import { approve, approveFrom, fetchHeld, fetchPicture, fetchSenders, resume, setStanding } from '../api/decisions.ts'
import { fetchVersions } from '../api/models.ts'
import { predict } from '../api/predictions.ts'
import type { Reply } from '../api/request.ts'
import { serverUrl } from '../api/server.ts'
import { fetchTraining, rollBack, startRound, stopRound, tryToken } from '../api/training.ts'
import { handleDigitKeys } from '../pad/keyboard.ts'
import { createCorrectionButtons } from '../views/correction-buttons.ts'
import { createCorrectionOutcomeView } from '../views/correction-outcome.ts'
import { createHeldLessonsView } from '../views/held-lessons.ts'
import { createOwnerView } from '../views/owner.ts'
import { createTrainingView } from '../views/training.ts'
import { createVersionsView } from '../views/versions.ts'
import type { AnsweredDrawing, VisitorCorrection } from './correction.ts'
import { CorrectionOutcome } from './correction-outcome.ts'
import { CorrectionQueue } from './correction-queue.ts'
import { HeldLessons } from './held-lessons.ts'
import { standingMessage } from './messages.ts'
import { Owner } from './owner.ts'
import { RoundHistory } from './round-history.ts'
import { TrainingMonitor } from './training-monitor.ts'

const TOGETHER = 100 // ms; served versions reported within it count as one report, since old events may come in a row

export interface TeachingHooks {
  /** The displayed name of a model. */
  name(model: string): string
  /** The phone serves another version of a model. */
  served(model: string, version: number): void
  /** The visitor said what a drawing is, or takes that back: this browser learns it at once. */
  taught(input: Uint8Array, label: Label): void
  takenBack(input: Uint8Array): void
  /** Whether this browser has that drawing among those taught. */
  has(input: Uint8Array): boolean
  /** Address of the phone's own page, where this one is on another origin. */
  readonly ownPage: string | undefined
}

export interface Teaching {
  /**
   * Shows the section on corrections.
   * @param drawing the current drawing with its answer; undefined until there is one
   * @param blank whether the pad is empty
   * @param chosen id of the chosen model
   */
  show(drawing: AnsweredDrawing | undefined, blank: boolean, chosen: string | undefined): void
  /** Continues with everything that waits for the phone. */
  wake(): void
}

export function createTeaching(hooks: TeachingHooks): Teaching {
  let drawing: AnsweredDrawing | undefined
  let blank = true
  let chosen = ''
  let result = '' // of the owner's last action
  let versionHistory: VersionsResponse | undefined
  let versionProblem = ''
  const versionQuestions = { asked: 0, answered: 0 }
  let servedVersions = new Map<string, number>() // versions not yet reported to the page
  const newest = new WeakMap<AnsweredDrawing, number>() // the newest round when a drawing was corrected

  const history = new RoundHistory()
  const corrections = new CorrectionQueue(
    {
      correct: (body, key, signal) => correct(body, key, signal, owner.token),
      withdraw: (id, signal) => withdraw(id, signal, owner.token),
    },
    correctionChanged,
  )
  const outcome = new CorrectionOutcome(askAgain, changed)
  const monitor = new TrainingMonitor(
    { training: fetchTraining, stream: (path) => new EventSource(serverUrl(path) ?? 'about:invalid') },
    { event, report },
  )
  const owner = new Owner(tryToken, ownerChanged)
  const held = new HeldLessons({ held: fetchHeld, senders: fetchSenders, picture: fetchPicture }, changed)
  const showButtons = createCorrectionButtons({
    teach,
    withdraw: () =>
      withCorrection((correction) => {
        hooks.takenBack(correction.drawing.input)
        corrections.withdraw(correction)
      }),
    retry: () => withCorrection((correction) => corrections.retry(correction)),
  })
  const showOutcome = createCorrectionOutcomeView(hooks.name)
  const training = createTrainingView(hooks.name, toggled)
  const versions = createVersionsView(rollBackTo, () => void letOthersIn())
  const showOwner = createOwnerView(
    {
      enter: (token) => void owner.enter(token),
      forget: () => owner.forget(),
      start: () => void actAsOwner((token) => startRound(chosen, token), 'A round has been requested.'),
      stop: () => void actAsOwner(stopRound, 'A stop has been requested.'),
    },
    hooks.ownPage,
  )
  const showHeld = createHeldLessonsView(
    {
      approve: ({ id }) => void decide((token) => approve(id, token), 'Approved: the phone learns from it.'),
      remove: ({ id }) =>
        void decide((token) => withdraw(id, new AbortController().signal, token), 'Deleted: it is forgotten.'),
      approveAll: ({ number, held: count }) =>
        void decide((token) => approveFrom(number, token), `Approved: the phone learns from all ${count}.`),
      setStanding: ({ number }, standing) =>
        void decide((token) => setStanding(number, standing, token), standingMessage(number, standing)),
    },
    hooks.name,
    (id) => held.picture(id),
  )
  handleDigitKeys(teach)

  function teach(label: Label): void {
    if (!drawing) return
    newest.set(drawing, history.newest)
    hooks.taught(drawing.input, label)
    corrections.add(drawing, label)
    if (!history.training) void monitor.refresh()
  }

  function withCorrection(act: (correction: VisitorCorrection) => void): void {
    const correction = drawing && corrections.of(drawing.revision)
    if (correction) act(correction)
  }

  function correctionChanged(correction: VisitorCorrection): void {
    const { learningWaits } = history.training ?? {}
    if (correction.state.kind === 'kept') {
      outcome.watch(correction, newest.get(correction.drawing) ?? 0)
      if (learningWaits) outcome.progress(undefined, learningWaits)
    } else outcome.forget(correction)
    if (correction.state.kind === 'withdrawn') void monitor.refresh() // there is no event for a withdrawn correction
    changed()
  }

  function askAgain({ body, answer }: AnsweredDrawing): ReturnType<typeof predict> {
    return predict({ revision: 0, body, model: answer.model }, new AbortController().signal)
  }

  function event(event: TrainingEvent): void {
    const report = history.apply(event)
    if (event.type === 'served') served(event.model, event.version)
    if (event.type === 'correction' && versionHistory?.hold) void refreshVersions()
    if (event.type === 'correction') refreshHeld()
    if (report) finished(report)
    outcome.progress(history.training?.round, history.training?.learningWaits)
    changed()
  }

  function report(reply: Reply<TrainingResponse>): void {
    if (reply.kind !== 'ok') return
    for (const report of history.update(reply.value)) finished(report)
    outcome.progress(history.training?.round, history.training?.learningWaits)
    changed()
  }

  function finished(report: RoundReport): void {
    outcome.finished(report)
    if (report.verdict === 'promoted' && report.version !== undefined) served(report.model, report.version)
    refreshHeld()
    if (versionHistory?.hold) void refreshVersions()
    void monitor.refresh() // the report does not say how many corrections wait and are stored
  }

  function served(model: string, version: number): void {
    if (servedVersions.size === 0) setTimeout(reportServed, TOGETHER)
    servedVersions.set(model, version)
  }

  function reportServed(): void {
    const now = servedVersions
    servedVersions = new Map()
    for (const [model, version] of now) hooks.served(model, version)
    if (now.has(chosen) && versionHistory?.served !== now.get(chosen)) void refreshVersions()
  }

  async function refreshVersions(): Promise<void> {
    const model = chosen
    if (!model || !training.open) return
    const question = ++versionQuestions.asked
    const reply = await fetchVersions(model)
    if (model !== chosen || question < versionQuestions.answered) return // a later answer has come first
    versionQuestions.answered = question
    versionHistory = reply.kind === 'ok' ? reply.value : undefined
    versionProblem =
      reply.kind === 'ok' ? '' : reply.kind === 'refused' ? `${reply.detail}.` : 'The phone is not answering.'
    changed()
  }

  async function rollBackTo(version: number): Promise<void> {
    const model = chosen
    await actAsOwner(
      (token) => rollBack(model, version, token),
      `Version ${version} of ${hooks.name(model)} answers now.`,
    )
    await refreshVersions()
    if (versionHistory) hooks.served(model, versionHistory.served)
  }

  async function actAsOwner(action: (token: string) => Promise<Reply<unknown>>, done: string): Promise<void> {
    result = (await owner.act(action)) || done
    void monitor.refresh()
    changed()
  }

  async function letOthersIn(): Promise<void> {
    const model = chosen
    await actAsOwner((token) => resume(model, token), `${hooks.name(model)} learns from everybody again.`)
    await refreshVersions()
    refreshHeld()
  }

  async function decide(action: (token: string) => Promise<Reply<unknown>>, done: string): Promise<void> {
    await actAsOwner(action, done)
    refreshHeld()
  }

  function refreshHeld(): void {
    if (training.open || owner.token === undefined) held.refresh(owner.token)
  }

  function ownerChanged(): void {
    refreshHeld()
    changed()
  }

  function toggled(): void {
    void refreshVersions()
    refreshHeld()
    changed()
  }

  function changed(): void {
    const correction = drawing && corrections.of(drawing.revision)
    const notReady = drawing ? undefined : blank ? 'blank' : 'unanswered'
    const learns = history.training?.state !== 'off'
    showButtons({
      notReady,
      answer: drawing?.shown,
      correction,
      learns,
      mine: drawing ? hooks.has(drawing.input) : false,
    })
    const { state } = outcome
    showOutcome(state, 'correction' in state && hooks.has(state.correction.drawing.input))
    training.show(history, corrections.all)
    const model = chosen && hooks.name(chosen)
    versions.show(
      versionHistory?.model === chosen ? versionHistory : undefined,
      versionProblem,
      model,
      owner.state.kind === 'owner',
    )
    showHeld(held.state, owner.state.kind === 'owner')
    showOwner(owner.state, history.training?.state === 'training', model, result)
    const sending = corrections.all.some(({ state }) => state.kind === 'sending')
    monitor.setWatched(training.open || sending || outcome.pending)
  }

  void monitor.refresh()

  return {
    show(now, isBlank, model = '') {
      const other = model !== chosen
      drawing = now
      blank = isBlank
      chosen = model
      if (other) void refreshVersions()
      changed()
    },
    wake() {
      corrections.wake()
      if (!history.training) void monitor.refresh()
    },
  }
}
