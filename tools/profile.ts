/**
 * `npm run profile`: a CPU profile of the server under a small load or, with arguments, of that command of `inkling`. One file
 * for each thread goes to build/profile; Chrome opens it (DevTools, Performance, Load profile), and so does Visual Studio
 * Code. The functions that took longest themselves are printed.
 *
 * usage: npm run profile [-- COMMAND...]    e.g. npm run profile -- bench
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drive, postRequest } from '../test/server/http/load-client.ts'
import { loadDrawings } from '../test/server/http/load-drawings.ts'
import { startServer } from '../test/server/running-server.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(ROOT, 'build/profile')

const CONNECTIONS = 4
const LOAD = 10 // s
const LISTED = 12 // functions

const FLAGS = ['--cpu-prof', `--cpu-prof-dir=${FOLDER}`]

/** What is read of a .cpuprofile: the call tree, and the node that each sample was in. */
interface Profile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[] // µs, one per sample
}

async function profileServer(): Promise<void> {
  const server = await startServer({
    INKLING_RATE_LIMIT: 'off',
    INKLING_LEARNING: 'off',
    NODE_OPTIONS: FLAGS.join(' '),
  })
  const requests = loadDrawings().map(({ digit, strokes }) => ({
    bytes: postRequest(server.port, '/api/v1/predict', 'application/json', strokes),
    digit,
  }))
  const { answered, seconds } = await drive(server.port, requests, CONNECTIONS, LOAD)
  console.log(`${answered} predictions in ${seconds.toFixed(1)} s, from ${CONNECTIONS} connections`)
  await server.stop()
}

async function profileCommand(command: readonly string[]): Promise<void> {
  process.on('SIGINT', () => {}) // the command ends, its profile is read
  await once(
    spawn(process.execPath, [...FLAGS, 'server/inkling.js', ...command], { cwd: ROOT, stdio: 'inherit' }),
    'exit',
  )
}

/** Prints the functions with the most time of their own: share of the samples that are not idle, and time. */
function report(file: string): void {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Profile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describeFrame(callFrame)]))
  const times = new Map<string, number>() // µs
  samples.forEach((id, k) => {
    const name = names.get(id) ?? ''
    times.set(name, (times.get(name) ?? 0) + timeDeltas[k])
  })
  times.delete('(idle)')
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  console.log(`\n${relative(process.cwd(), join(FOLDER, file))}: ${(total / 1e6).toFixed(2)} s`)
  for (const [name, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, LISTED)) {
    console.log(
      `${((100 * time) / total).toFixed(1).padStart(5)} %  ${(time / 1000).toFixed(0).padStart(6)} ms  ${name}`,
    )
  }
}

function describeFrame({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = url.startsWith('file:') ? `${relative(ROOT, fileURLToPath(url))}:${lineNumber + 1}` : url
  return `${functionName || '(anonymous)'}${place && `  ${place}`}`
}

mkdirSync(FOLDER, { recursive: true })
const before = new Set(readdirSync(FOLDER))
const command = process.argv.slice(2)
await (command.length === 0 ? profileServer() : profileCommand(command))
for (const file of readdirSync(FOLDER).filter((name) => !before.has(name))) report(file)
