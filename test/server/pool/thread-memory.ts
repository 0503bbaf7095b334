/** A program: prints what a worker of the pool takes, and an empty thread of Node, as JSON. Both are the third of their kind. */

import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { nodeBackends } from '../../../server/backend.ts'

const PROBE =
  'data:text/javascript,import{parentPort}from"node:worker_threads";parentPort.on("message",()=>{});parentPort.postMessage(1)'

/** Memory of this process that no other shares, MiB. */
function own(): number {
  const [, kilobytes] = /Private_Dirty: +(\d+)/.exec(readFileSync('/proc/self/smaps_rollup', 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

async function cost(url: URL, workerData: unknown): Promise<number> {
  let before = 0
  for (let k = 0; k < 3; k++) {
    before = own()
    const thread = new Worker(url, { workerData, env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE } })
    await new Promise((resolve) => thread.once('message', resolve))
    await setTimeout(500)
  }
  return own() - before
}

const { name, module } = await nodeBackends()
const empty = await cost(new URL(PROBE), undefined)
const entry = new URL('../../../server/pool/thread.ts', import.meta.url)
const worker = await cost(entry, { backend: name, module })
console.log(JSON.stringify({ empty, worker }))
process.exit()
