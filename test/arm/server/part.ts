/** The part `server`: the life of the bundle on this machine and on emulated ones, all compared with this one. */

import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import type { Machine } from '../machines.ts'
import type { Part } from '../part.ts'
import { tryCommands } from './commands.ts'
import { type Life, shortLife, wholeLife } from './life.ts'
import { findMistakes } from './mistakes.ts'
import { countObserved, type Observed } from './observed.ts'
import { mixedRequests, photographRequest, pictureRequests } from './requests.ts'
import { type Archives, type Unpacked, unpackBundle } from './unpacked.ts'

/** Predictions in a whole life, by the models of the bundle; and in a short one, without SIMD. */
const [WHOLE, SHORT] = [2000, 240]

export interface ServerParts {
  readonly archives: Archives
  readonly weights: string // folder of the shipped models
  readonly pictures: string // folder of PNG and JPEG files
  readonly backends: BackendFactory // of this machine
}

/** Whole lives on `machines`, of which the first is the reference. */
export function wholeLives(machines: readonly Machine[], parts: ServerParts): Part {
  const mistakes = findMistakes(parts.backends, parts.weights, 'cnn-small', 2)
  return lives(machines, parts, { name: 'server', drawings: WHOLE, usual: 400 }, (life) => wholeLife(life, mistakes))
}

/** Short lives, the same way. */
export function shortLives(machines: readonly Machine[], parts: ServerParts): Part {
  const [mistake] = findMistakes(parts.backends, parts.weights, 'softmax', 1)
  return lives(machines, parts, { name: 'short server', drawings: SHORT, usual: 40 }, (life) =>
    shortLife(life, mistake),
  )
}

/** Commands, and a server without Node's flags. */
export function commands(machines: readonly Machine[], { archives, pictures }: ServerParts): Part {
  const [drawing] = pictureRequests(pictures)
  const picture = join(pictures, drawing.name)
  return observing(machines, { name: 'commands', usual: 40 }, archives, (machine, unpacked, log) =>
    tryCommands(machine, unpacked, picture, drawing, log),
  )
}

interface Kind {
  readonly name: string
  readonly usual: number // s of processor time, emulated
}

function lives(
  machines: readonly Machine[],
  { archives, pictures }: ServerParts,
  { drawings, ...kind }: Kind & { readonly drawings: number },
  live: (life: Life) => Promise<Observed>,
): Part {
  const requests = {
    pictures: pictureRequests(pictures),
    drawings: mixedRequests(drawings),
    photograph: photographRequest(),
  }
  return observing(machines, kind, archives, (machine, unpacked, log) => live({ machine, unpacked, log, ...requests }))
}

/** A job for each machine, in a fresh folder with the bundle. */
function observing(
  machines: readonly Machine[],
  { name, usual }: Kind,
  archives: Archives,
  look: (machine: Machine, unpacked: Unpacked, log: (line: string) => void) => Promise<Observed>,
): Part {
  const observed = new Map<Machine, Observed>()
  return {
    jobs: machines.map((machine) => ({
      name: `${name}, ${machine.name}`,
      usual: machine.emulated ? usual : 20,
      async work() {
        const unpacked = await unpackBundle(archives)
        const lines: string[] = []
        try {
          observed.set(machine, await look(machine, unpacked, (line) => lines.push(line)))
        } finally {
          console.log([`\n${name}, ${machine.name}:`, ...lines].join('\n  '))
          unpacked.remove()
        }
      },
    })),
    compare(tally) {
      const inOrder = machines.flatMap((machine) => {
        const seen = observed.get(machine)
        return seen ? [[machine, seen] as const] : []
      })
      countObserved(tally, new Map(inOrder))
    },
  }
}
