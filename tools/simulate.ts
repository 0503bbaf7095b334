/**
 * `npm run simulate`: simulates what corrections do to models. It uses real drawings, and measures on MNIST's test set, which has no
 * other use here. `-- style yours crowd walk --models softmax --seeds 20 --replay-set mnist`. Faults of a whole server: `-- kill swaps
 * disk latency speed`. `-- --write` stores the figures of style, yours, crowd and speed with generated digits, and writes the tables
 * of docs/learning.md.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ReplaySet } from '../core/learning/replay-set.ts'
import { nodeBackends } from '../server/backend.ts'
import { loadDigits } from '../server/dataset/digits.ts'
import { SHIPPED_MODELS } from '../server/files/program.ts'
import { chooseReplaySet } from '../server/learning/replay-choice.ts'
import { loadReplaySet, prepareReplaySet } from '../server/learning/replay-set.ts'
import { createShippedBorders } from '../server/learning/shipped-border.ts'
import { loadModel } from '../server/models/load.ts'
import { dataDir } from '../test/data-sets.ts'
import { FAULTS, reportFaults } from '../test/faults/report.ts'
import type { Speed } from '../test/faults/speed.ts'
import { ATTACKS, createAttacker } from './simulate/attack.ts'
import { ATTACK_COLUMNS, type AttackRow, attackCells, attackRow, keepAttacks } from './simulate/attack-page.ts'
import { LIES, simulateCrowd } from './simulate/crowd.ts'
import {
  type CrowdFigures,
  crowdFigures,
  keepLearning,
  roundTimes,
  type StyleFigures,
  styleFigures,
} from './simulate/page.ts'
import { points } from './simulate/points.ts'
import { AGREEING, simulateStyle } from './simulate/style.ts'
import { simulateWalk } from './simulate/walk.ts'
import { createSimulatedModel, type SimulatedModel } from './simulate/world.ts'
import { simulateYours } from './simulate/yours.ts'
import { keepYours, type YoursRow, yoursRow } from './simulate/yours-page.ts'

const SIMULATIONS = ['style', 'yours', 'attack', 'crowd', 'walk'] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: 'cnn,cnn-small,mlp-300-100,softmax' },
    seeds: { type: 'string', default: '20' },
    'replay-set': { type: 'string', default: 'replay,mnist' },
    lies: { type: 'string', default: '0.1,0.3,1' },
    write: { type: 'boolean' },
  },
})
const chosen = positionals.length > 0 ? positionals : SIMULATIONS
const names: readonly string[] = [...SIMULATIONS, ...FAULTS]
const unknown = chosen.find((name) => !names.includes(name))
if (unknown) throw new Error(`there is no simulation called ${unknown}: ${names.join(', ')} expected`)
const speeds: Speed[] = []
if (!(await reportFaults(chosen, speeds))) process.exitCode = 1
if (values.write && speeds.length > 0) keepLearning({ speed: roundTimes(speeds) })
if (!SIMULATIONS.some((name) => chosen.includes(name))) process.exit() // the simulations of faults need no data set
if (!dataDir) throw new Error('INKLING_DATA names no folder')
const seeds = Number(values.seeds)
const { images: mnist } = await loadDigits(['mnist'], 'test', dataDir)
const { images: drawings } = await loadDigits(['pendigits'], 'test', dataDir)
const backends = await nodeBackends()

/** The model whose crowd the page shows. */
const CROWD = 'cnn'

const borders = createShippedBorders()
const styles: StyleFigures[] = []
const attacks: AttackRow[] = []
const crowds: CrowdFigures[] = []
const yours: YoursRow[] = []

const percent = (share: number) => `${(100 * share).toFixed(0)} %`
const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

function head(title: string, ...columns: string[]): void {
  console.log(`\n${title}, ${seeds} seeds\n`)
  row(...columns)
  row(...columns.map(() => '---'))
}

/** The replay set that the server uses: a data set, or the generator that comes with the program. */
async function loadNamedSet(name: string): Promise<ReplaySet> {
  if (name !== 'replay' && name !== 'mnist') throw new Error(`--replay-set is replay or mnist, not ${name}`)
  const folder = mkdtempSync(join(tmpdir(), 'inkling-'))
  try {
    const choice = chooseReplaySet(folder, name === 'mnist' ? (dataDir as string) : folder)
    if (name === 'mnist') await prepareReplaySet(choice, () => Promise.resolve())
    return await loadReplaySet({ ...choice, name })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Calls `run` with every model and every replay set. */
async function each(run: (model: SimulatedModel, replaySet: ReplaySet, id: string) => unknown): Promise<void> {
  for (const name of values['replay-set'].split(',')) {
    const replaySet = await loadNamedSet(name)
    for (const id of values.models.split(',')) {
      const { weights } = loadModel(join(SHIPPED_MODELS, id)).card
      const border = await borders.draw(id, weights.sha256, replaySet, () => Promise.resolve())
      await run(createSimulatedModel(id, backends, border), replaySet, id)
    }
  }
}

if (chosen.includes('style')) {
  head(
    'Style: 20 drawings of one of the four worst writers taught',
    'Model',
    'Replay and gate',
    'Who agrees',
    'Errors on the rest',
    'Left, mean',
    'Left, worst writer',
    'MNIST, mean',
    'MNIST, worst',
    'Promoted',
  )
  await each((model, replaySet, id) => {
    const results = AGREEING.map((who) => simulateStyle(model, drawings, mnist, replaySet, seeds, who))
    const [nobody, another, owner] = results
    if (replaySet.name === 'replay') styles.push(styleFigures(id, { nobody, another, owner }))
    for (const [i, { errors, left, mnist: moved, promoted }] of results.entries()) {
      row(
        id,
        replaySet.name,
        AGREEING[i],
        `${errors.before} to ${errors.after}`,
        percent(left.mean),
        percent(left.worst),
        points(moved.mean),
        points(moved.worst),
        percent(promoted),
      )
    }
  })
}

if (chosen.includes('attack')) {
  const { images: source } = await loadDigits(['pendigits'], 'train', dataDir)
  head('Attacks: the worst of those tried', ...ATTACK_COLUMNS)
  await each(async (model, replaySet, id) => {
    const attacker = await createAttacker(model, source, drawings, mnist, replaySet)
    for (const attack of ATTACKS) {
      const result = attackRow(id, attacker.worst(attack, seeds))
      if (replaySet.name === 'replay') attacks.push(result)
      row(...attackCells(result))
    }
  })
}

if (chosen.includes('yours')) {
  head(
    'Yours: the same drawings learned in the visitor’s browser',
    'Model',
    'Replay',
    'Errors on the rest',
    'Left, worst writer',
    'MNIST, mean',
    'MNIST, worst',
    'Taught alone: read as taught',
    'MNIST, mean',
    'MNIST, worst',
  )
  await each((model, replaySet, id) => {
    if (model.shipped.card.type !== 'network') return
    const result = simulateYours(model, backends, drawings, mnist, replaySet, seeds)
    if (replaySet.name === 'replay') yours.push(yoursRow(id, result))
    const { errors, left, mnist: moved, alone } = result
    row(
      id,
      replaySet.name,
      `${errors.before} to ${errors.after}`,
      percent(left.worst),
      points(moved.mean),
      points(moved.worst),
      `${alone.right} of ${alone.taught}`,
      points(alone.mnist.mean),
      points(alone.mnist.worst),
    )
  })
}

if (chosen.includes('crowd')) {
  head(
    'A crowd: 500 corrections at once',
    'Model',
    'Replay and gate',
    'Lies',
    'Accepted',
    'Of the way',
    'MNIST, mean',
    'MNIST, worst',
    'Worst class',
    'Believed: honest, lies',
    'Trigger works',
  )
  await each((model, replaySet, id) => {
    const shares = values.lies.split(',').map(Number)
    for (const lie of LIES) {
      for (const lies of lie === LIES[0] ? [0, ...shares] : shares) {
        const {
          accepted,
          share,
          mnist: moved,
          worstClass,
          believed,
          trigger,
        } = simulateCrowd(model, drawings, mnist, replaySet, lie, lies, seeds)
        if (replaySet.name === 'replay' && id === CROWD) {
          crowds.push(crowdFigures(lie, lies, { accepted, mnist: moved, worstClass, believed }))
        }
        const what = lies === 0 ? 'none' : `${percent(lies)} ${lie}`
        const trust = `${lies < 1 ? percent(believed.honest) : '-'}, ${lies > 0 ? percent(believed.lies) : '-'}`
        row(
          id,
          replaySet.name,
          what,
          percent(accepted),
          percent(share),
          points(moved.mean),
          points(moved.worst),
          points(worstClass),
          trust,
          trigger === undefined ? '' : percent(trigger),
        )
      }
    }
  })
}

if (chosen.includes('walk')) {
  head(
    '60 rounds of nothing but lies, of every kind in turn',
    'Model',
    'Replay and gate',
    'Accepted',
    'MNIST, mean',
    'MNIST, worst',
    'Worst class',
  )
  await each((model, replaySet, id) => {
    const { accepted, mnist: moved, worstClass } = simulateWalk(model, drawings, mnist, replaySet, seeds)
    row(id, replaySet.name, percent(accepted), points(moved.mean), points(moved.worst), points(worstClass))
  })
}

const command = process.argv.slice(2).join(' ')
if (values.write && attacks.length > 0) keepAttacks(command, seeds, attacks)
if (values.write && yours.length > 0) keepYours(command, seeds, yours)
if (values.write && (styles.length > 0 || crowds.length > 0)) {
  keepLearning({
    command,
    seeds,
    ...(styles.length > 0 && { style: styles }),
    ...(crowds.length > 0 && { crowd: { model: CROWD, rows: crowds } }),
  })
}
