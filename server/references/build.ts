/**
 * Makes k nearest neighbours of all training images while the server runs: in a process of its own, when that model is first
 * asked and the data sets are there. Until it is made, and where it is not, the shipped model answers.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import type { ModelSource } from '../../core/models/source.ts'
import { loadedMemory } from '../../core/recognizer.ts'
import { COMMAND_LINE, SHIPPED_MODELS } from '../files/program.ts'
import { haveTraining, knownReferences, REFERENCES_KIND } from './references.ts'

const MODEL = 'knn'

/** Of the process, -20 to 19, the server having 0: answers come first, but on a busy machine it still gets a third of a share. */
const NICENESS = 5

export interface ReferenceBuild {
  /** The same models; the first that asks for this one's weights sets it off. */
  readonly source: ModelSource
  /** Ends it if it is under way; what it had made by then is thrown away. */
  stop(): void
}

/**
 * @param zoo where the model will appear
 * @param dataDir where the data sets are, or not
 * @param memory bytes that loaded models may take
 * @param say told how it went, in a sentence
 */
export function createReferenceBuild(
  zoo: ModelSource,
  dataDir: string,
  memory: number,
  say: (sentence: string) => void,
): ReferenceBuild {
  let child: ChildProcess | undefined
  let asked = false

  function start(): void {
    if (asked) return
    asked = true
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
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-1000)
    })
    child.on('error', (error) => say(`${MODEL} keeps its prototypes: ${error.message}`))
    child.on('exit', (code) => {
      child = undefined
      const last = said.trim().split('\n').at(-1)
      if (code === 0) say(`${MODEL} has all training images from now on: ${last}`)
      else if (code !== null) say(`${MODEL} keeps its prototypes: ${last}`)
    })
  }

  return {
    source: {
      list: () => zoo.list(),
      broken: () => zoo.broken?.() ?? [],
      refresh: () => zoo.refresh?.(),
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

// Answers come first.
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, NICENESS)
  } catch {
    // it has ended already, or the system has no priorities
  }
}
