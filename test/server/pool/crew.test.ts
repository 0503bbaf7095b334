/** The threads of the pool when they die: what was asked of them is done again or refused, and there are new ones. */

import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Crew, createCrew, type Replied } from '../../../server/pool/crew.ts'
import type { Task } from '../../../server/pool/messages.ts'

const THREAD = new URL('./mortal-thread.ts', import.meta.url)

const task = (key: number): Task => ({
  type: 'sample',
  model: { key },
  input: new Uint8Array(1),
  first: 0,
  count: 1,
})

describe('a crew', () => {
  const warnings: string[] = []
  let crew: Crew
  afterEach(() => crew.close())

  async function hire(size: number): Promise<void> {
    warnings.length = 0
    crew = createCrew(THREAD, size, { backend: 'ts', module: undefined }, (warning) => warnings.push(warning))
    await untilReady()
  }

  async function untilReady(): Promise<void> {
    while (!crew.ready(true)) await setTimeout(5)
  }

  it('gives tasks to all its threads', async () => {
    await hire(2)
    while (new Set(await threads(8)).size < 2) await setTimeout(5) // the second may start later
  })

  const threads = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, () => crew.ask(() => task(1))))).map(({ reply }) =>
      reply.type === 'scores' ? reply.infer : 0,
    )

  it('has another thread do what a dead one was asked, and starts a new one', async () => {
    await hire(1)
    const [before] = await threads(1)
    let asked = 0
    const replied = await crew.ask(() => task(asked++ === 0 ? -1 : 1))
    expect(replied.reply).toMatchObject({ type: 'scores' })
    expect(await threads(1)).not.toEqual([before])
    expect(warnings).toEqual(['a worker thread died (it ended)'])
  })

  it('refuses a task that ends two threads with 503, and does the next one', async () => {
    await hire(2)
    await expect(crew.ask(() => task(-1))).rejects.toMatchObject({ status: 503, code: 'busy' })
    await untilReady()
    expect(await threads(1)).toHaveLength(1)
  })

  it('refuses the next piece of what a dead thread had begun with 503', async () => {
    await hire(1)
    const first: Replied = await crew.ask(() => task(1))
    const next = crew.askAgain(first, { type: 'next' })
    await next
    crew.tell({ type: 'forget', key: 1 })
    await expect(crew.askAgain(first, { type: 'next' })).rejects.toMatchObject({ status: 503 })
    await untilReady()
    await expect(crew.askAgain(first, { type: 'next' })).rejects.toMatchObject({ status: 503 })
  })

  it('starts none for a minute after five have died', { timeout: 20_000 }, async () => {
    await hire(1)
    for (let death = 1; death <= 5; death++) {
      crew.tell({ type: 'forget', key: 1 })
      while (warnings.length < death) await setTimeout(5)
      if (death < 5) await untilReady()
    }
    expect(crew.ready(true)).toBe(false)
    expect(warnings[4]).toMatch(/requests are done without for 60 s$/)
    await expect(crew.ask(() => task(1))).rejects.toMatchObject({ status: 503 })
  })
})
