/**
 * `kill -9` at random moments, during corrections and training: afterwards everything acknowledged is there to the byte, every start
 * answers, and the final weights are those of a server that was not killed.
 */

import { cpSync } from 'node:fs'
import type { Label } from '../../core/protocol.ts'
import { pictureOf } from '../../server/corrections/picture.ts'
import {
  checkStart,
  exported,
  isCut,
  type KillFigures,
  noFigures,
  servedWeights,
  strike,
  watchPhase,
} from './checks.ts'
import { correct, listCorrections, sleep, untilIdle, versionsOf } from './connection.ts'
import { createChance, smallDrawing } from './drawings.ts'
import { newFolder, type Subject, startSubject } from './server-under-test.ts'

const CONNECTIONS = 3

/** The PNG that is kept of a drawing. */
const storedPicture = (number: number) => Buffer.from(pictureOf({ png: smallDrawing(number).png }))

// Every person has a client network of their own, since corrections of one client network have little weight.
const addressOf = (number: number) => `127.1.${number >> 8}.${number & 255}`

/**
 * Kills while corrections arrive and rounds begin, then lets the server finish, and compares it with a server that gets the same
 * corrections and is not killed.
 * @param most corrections to send: the number that a round learns from and the number stored are limited
 */
export async function killWhileCorrecting(kills: number, model: string, most = 900): Promise<KillFigures> {
  const figures = noFigures()
  const state = newFolder('kill')
  const env = { INKLING_MODEL: model }
  const chance = createChance(kills)
  const acknowledged = new Map<string, { readonly label: Label; readonly number: number }>()
  const lost = new Set<string>()
  let [next, typical] = [0, 1000]

  async function teach(subject: Subject): Promise<void> {
    while (!subject.ended && next < most) {
      const number = next++
      const { png, label } = smallDrawing(number)
      const on = subject.connect(addressOf(number))
      try {
        acknowledged.set((await correct(on, png, label, model)).id, { label, number })
      } catch (error) {
        if (!subject.ended && !isCut(error)) throw error
      } finally {
        on.close()
      }
      await sleep(20 + 100 * chance())
    }
  }

  while (figures.kills < kills) {
    const subject = startSubject(state, env)
    // a fifth of the kills during a start, the others after it, most of them soon
    const early = chance() < 0.2
    const moment = early
      ? sleep(typical * chance())
      : subject.ready.then(() => sleep((chance() < 0.8 ? 700 : 4000) * chance()))
    const watch = watchPhase(subject)
    const work = subject.ready
      .then(async (took) => {
        if (early) return
        typical = took
        await checkStart(subject, figures, took)
        const there = new Set((await listCorrections(subject.owner())).map(({ id }) => id))
        for (const id of acknowledged.keys()) if (!there.has(id)) lost.add(id)
        await Promise.all(Array.from({ length: CONNECTIONS }, () => teach(subject)))
      })
      .catch((error: unknown) => {
        if (!subject.ended && !isCut(error)) throw error
      })
    await moment.catch(() => {
      figures.brokenStarts++
    })
    await subject.end('SIGKILL')
    await work
    strike(figures, watch())
  }

  const survivor = startSubject(state, env)
  await checkStart(survivor, figures, await survivor.ready)
  const owner = survivor.owner()
  figures.rounds = (await untilIdle(owner)).rounds[0].round
  figures.acknowledged = acknowledged.size
  const listed = await listCorrections(owner)
  const pictures = await exported(owner)
  const known = new Map(listed.map((row) => [row.id, row]))
  for (const [id, { label, number }] of acknowledged) {
    const same = known.get(id)?.label === label && pictures.get(id)?.equals(storedPicture(number))
    if (!same) lost.add(id)
  }
  figures.lost = lost.size
  const served = await servedWeights(owner, model)
  await survivor.end('SIGTERM')

  // find the number of each stored drawing, acknowledged or not
  const numbers = new Map(Array.from({ length: next }, (_, i) => [storedPicture(i).toString('latin1'), i]))
  const order = listed.map(({ id }) => numbers.get(pictures.get(id)?.toString('latin1') ?? '') as number)
  figures.compared++
  if (served !== (await unharmed(order, model))) figures.different++
  return figures
}

/** The weights that a server learns from these corrections when it is not killed. */
async function unharmed(numbers: readonly number[], model: string): Promise<string> {
  const state = await taught(numbers, model)
  const subject = startSubject(state, { INKLING_MODEL: model })
  await subject.ready
  const owner = subject.owner()
  await untilIdle(owner)
  const served = await servedWeights(owner, model)
  await subject.end('SIGTERM')
  return served
}

/** A state directory with corrections that have not been learned from. */
async function taught(numbers: readonly number[], model: string): Promise<string> {
  const state = newFolder('taught')
  const subject = startSubject(state, { INKLING_MODEL: model, INKLING_LEARNING: 'off' })
  await subject.ready
  for (const number of numbers) {
    const { png, label } = smallDrawing(number)
    const on = subject.connect(addressOf(number))
    await correct(on, png, label, model)
    on.close()
  }
  await subject.end('SIGTERM')
  return state
}

/** Kills during a round repeatedly until it ends; then again with the same corrections, up to the number of kills. */
export async function killWhileTraining(kills: number, model: string, corrections = 40): Promise<KillFigures> {
  const figures = noFigures()
  const numbers = Array.from({ length: corrections }, (_, i) => i)
  const start = await taught(numbers, model)
  // of generated digits those that two families of models agree on: all of them at once the gate would refuse
  const env = { INKLING_MODEL: model, INKLING_TEACHERS: 'agreed' }
  const fresh = () => {
    const state = newFolder('kill')
    cpSync(start, state, { recursive: true })
    return state
  }
  const began = performance.now()
  const whole = startSubject(fresh(), env)
  await whole.ready
  await untilIdle(whole.owner())
  const expected = await servedWeights(whole.owner(), model)
  if ((await versionsOf(whole.owner(), model)).served === 1) throw new Error('the round came to nothing that compares')
  const length = performance.now() - began // ms, from the start of the process to the end of the round
  await whole.end('SIGTERM')

  const chance = createChance(kills + 1)
  let state = fresh()
  let through = false
  while (figures.kills < kills || !through) {
    if (through) state = fresh()
    through = false
    const subject = startSubject(state, env)
    const watch = watchPhase(subject)
    const work = subject.ready
      .then(async (took) => {
        await checkStart(subject, figures, took)
        await untilIdle(subject.owner())
        figures.compared++
        if ((await servedWeights(subject.owner(), model)) !== expected) figures.different++
        figures.rounds++
        figures.lost += corrections - (await listCorrections(subject.owner())).length
        through = true
      })
      .catch((error: unknown) => {
        if (!subject.ended && !isCut(error)) throw error
      })
    // after enough kills the round may end
    await Promise.race([figures.kills < kills ? sleep(1.2 * length * chance()) : work, work])
    await subject.end('SIGKILL')
    await work
    if (!through) strike(figures, watch())
  }
  figures.acknowledged = corrections
  return figures
}
