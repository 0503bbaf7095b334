/** Puts teaching together: what the visitor says of answers, what the phone makes of it, and the section that shows how it learns. */

import type { Label, RoundReport, TrainingEvent, TrainingResponse, VersionsResponse } from '../../core/protocol.ts'
import { predict } from '../api/api.ts'
import {
  correct,
  fetchTraining,
  fetchVersions,
  rollBack,
  startRound,
  stopRound,
  takeBack,
  tryToken,
} from '../api/corrections.ts'
import type { Reply } from '../api/request.ts'
import { takeDigits } from '../pad/keyboard.ts'
import { createTeachView } from '../views/correction-buttons.ts'
import { createOutcomeView } from '../views/correction-outcome.ts'
import { createOwnerView } from '../views/owner.ts'
import { createTrainingView } from '../views/training.ts'
import { createVersionsView } from '../views/versions.ts'
import type { Answered, Lesson } from './correction.ts'
import { Outcome } from './correction-outcome.ts'
import { Lessons } from './correction-queue.ts'
import { Owner } from './owner.ts'
import { Journal } from './round-history.ts'
import { Follower } from './training-monitor.ts'

const TOGETHER = 100 // ms in which news of served versions are taken as one: old ones may come in a row

export interface TeachingHooks {
  /** The name of a model for people. */
  name(model: string): string
  /** Another version of a model answers on the phone. */
  served(model: string, version: number): void
}

export interface Teaching {
  /**
   * Shows what can be taught.
   * @param drawing the one on the paper, where the phone has answered it as it is
   * @param blank whether there is none
   * @param chosen id of the chosen model
   */
  show(drawing: Answered | undefined, blank: boolean, chosen: string | undefined): void
  /** Goes on with what waits for the phone. */
  wake(): void
}

export function createTeaching(hooks: TeachingHooks): Teaching {
  let drawing: Answered | undefined
  let blank = true
  let chosen = ''
  let result = '' // of what the owner did last
  let history: VersionsResponse | undefined
  let historyProblem = ''
  let told = new Map<string, number>() // versions served, not passed on yet
  const newest = new WeakMap<Answered, number>() // the newest round when a drawing was taught

  const journal = new Journal()
  const lessons = new Lessons(
    {
      correct: (body, key, signal) => correct(body, key, signal, owner.token),
      takeBack: (id, signal) => takeBack(id, signal, owner.token),
    },
    lessonChanged,
  )
  const outcome = new Outcome(askAgain, changed)
  const follower = new Follower({ training: fetchTraining, stream: (path) => new EventSource(path) }, { event, report })
  const owner = new Owner(tryToken, changed)
  const showTeach = createTeachView({
    teach,
    takeBack: () => withLesson((lesson) => lessons.takeBack(lesson)),
    again: () => withLesson((lesson) => lessons.again(lesson)),
  })
  const showOutcome = createOutcomeView(hooks.name)
  const training = createTrainingView(hooks.name, toggled)
  const versions = createVersionsView(back)
  const showOwner = createOwnerView({
    enter: (token) => void owner.enter(token),
    forget: () => owner.forget(),
    start: () => void act((token) => startRound(chosen, token), 'Asked for a round.'),
    stop: () => void act(stopRound, 'Asked to stop.'),
  })
  takeDigits(teach)

  function teach(label: Label): void {
    if (!drawing) return
    newest.set(drawing, journal.newest)
    lessons.teach(drawing, label)
    if (!journal.training) void follower.look()
  }

  function withLesson(act: (lesson: Lesson) => void): void {
    const lesson = drawing && lessons.of(drawing.revision)
    if (lesson) act(lesson)
  }

  function lessonChanged(lesson: Lesson): void {
    if (lesson.state.kind === 'kept') outcome.watch(lesson, newest.get(lesson.drawing) ?? 0)
    else outcome.forget(lesson)
    if (lesson.state.kind === 'withdrawn') void follower.look() // no event tells that less is kept
    changed()
  }

  function askAgain({ body, answer }: Answered): ReturnType<typeof predict> {
    return predict({ revision: 0, body, model: answer.model }, new AbortController().signal)
  }

  function event(event: TrainingEvent): void {
    const report = journal.apply(event)
    if (event.type === 'served') served(event.model, event.version)
    if (report) finished(report)
    outcome.progress(journal.training?.round)
    changed()
  }

  function report(reply: Reply<TrainingResponse>): void {
    if (reply.kind !== 'ok') return
    for (const report of journal.take(reply.value)) finished(report)
    outcome.progress(journal.training?.round)
    changed()
  }

  function finished(report: RoundReport): void {
    outcome.finished(report)
    if (report.verdict === 'promoted' && report.version !== undefined) served(report.model, report.version)
    void follower.look() // how much waits and is kept is not in the report
  }

  function served(model: string, version: number): void {
    if (told.size === 0) setTimeout(pass, TOGETHER)
    told.set(model, version)
  }

  function pass(): void {
    const now = told
    told = new Map()
    for (const [model, version] of now) hooks.served(model, version)
    if (now.has(chosen) && history?.served !== now.get(chosen)) void refreshHistory()
  }

  async function refreshHistory(): Promise<void> {
    const model = chosen
    if (!model || !training.open) return
    const reply = await fetchVersions(model)
    if (model !== chosen) return
    history = reply.kind === 'ok' ? reply.value : undefined
    historyProblem =
      reply.kind === 'ok' ? '' : reply.kind === 'refused' ? `${reply.detail}.` : 'The phone is not answering.'
    changed()
  }

  async function back(version: number): Promise<void> {
    const model = chosen
    await act((token) => rollBack(model, version, token), `Version ${version} of ${hooks.name(model)} answers now.`)
    await refreshHistory()
    if (history) hooks.served(model, history.served)
  }

  async function act(action: (token: string) => Promise<Reply<unknown>>, done: string): Promise<void> {
    result = (await owner.act(action)) || done
    void follower.look()
    changed()
  }

  function toggled(): void {
    void refreshHistory()
    changed()
  }

  function changed(): void {
    const lesson = drawing && lessons.of(drawing.revision)
    const hindrance = drawing ? undefined : blank ? 'blank' : 'unanswered'
    const learns = journal.training?.state !== 'off'
    showTeach({ hindrance, answer: drawing?.answer.digit, lesson, learns })
    showOutcome(outcome.state)
    training.show(journal, lessons.all)
    const model = chosen && hooks.name(chosen)
    versions.show(history?.model === chosen ? history : undefined, historyProblem, model, owner.state.kind === 'owner')
    showOwner(owner.state, journal.training?.state === 'training', model, result)
    const sending = lessons.all.some(({ state }) => state.kind === 'sending')
    follower.want(training.open || sending || outcome.pending)
  }

  void follower.look()

  return {
    show(now, isBlank, model = '') {
      const other = model !== chosen
      drawing = now
      blank = isBlank
      chosen = model
      if (other) void refreshHistory()
      changed()
    },
    wake() {
      lessons.wake()
      if (!journal.training) void follower.look()
    },
  }
}
