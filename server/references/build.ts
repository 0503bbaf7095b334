/**
 * Makes k nearest neighbours of all training images while the server runs: in a process of its own, when that model is first
 * used and the data sets are on this machine. Until it is made, or if that fails, the shipped model answers.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import type { ModelSource } from '../../core/models/source.ts'
import { loadedMemory } from '../../core/recognizer.ts'
import { COMMAND_LINE, SHIPPED_MODELS } from '../files/program.ts'
import { haveTraining, knownReferences, REFERENCES_KIND } from './references.ts'

const MODEL = 'knn'

/** Priority of the process, -20 to 19; the server has 0. Answers come first, but on a busy machine it still gets some time. */
const NICENESS = 5

export interface ReferenceBuild {
  /** The same models. The first request for the weights of this one starts the process. */
  readonly source: ModelSource
  /** Ends the process if it runs. Its unfinished model is deleted. */
  stop(): void
}

/**
 * @param zoo where the model will appear
 * @param dataDir where the data sets may be
 * @param memory bytes that loaded models may take
 * @param report called with a sentence about the outcome
 */
export function createReferenceBuild(
  zoo: ModelSource,
  dataDir: string,
  memory: number,
  report: (sentence: string) => void,
): ReferenceBuild {
  let child: ChildProcess | undefined
  let started = false

  function start(): void {
    if (started) return
    started = true
    if (zoo.list().some(({ id, kind }) => id === MODEL && kind === REFERENCES_KIND)) return
    const sets = knownReferences(join(SHIPPED_MODELS, MODEL))
      .filter((card) => loadedMemory(card) <= memory)
      .map(({ training }) => training.map(({ name }) => name))
      .find((names) => haveTraining(names, dataDir))
    if (sets === undefined) return
    child = spawn(process.execPath, [COMMAND_LINE, 'references', '--data', sets.join(), '--data-dir', dataDir], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    lowerPriority(child.pid)
    let output = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-1000)
    })
    child.on('error', (error) => report(`${MODEL} keeps its prototypes: ${error.message}`))
    child.on('exit', (code) => {
      child = undefined
      const last = output.trim().split('\n').at(-1)
      if (code === 0) report(`${MODEL} has all training images from now on: ${last}`)
      else if (code !== null) report(`${MODEL} keeps its prototypes: ${last}`)
    })
  }

  return {
    source: {
      list: () => zoo.list(),
      broken: () => zoo.broken?.() ?? [],
      refresh: (id) => zoo.refresh?.(id),
      load(id) {
        if (id === MODEL) start()
        return zoo.load(id)
      },
    },
    stop() {
      child?.kill('SIGKILL')
    },
  }
}

// Lowers the priority of the process: answers come first.
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, NICENESS)
  } catch {
    // it has ended already, or the system has no priorities
  }
}
