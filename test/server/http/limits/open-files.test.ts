/** A server whose process may open few files. */

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openFilesLimit } from '../../../../server/files/open-files-limit.ts'
import { connectionRoom } from '../../../../server/http/limits/open-files.ts'
import { runTool } from '../../../child-processes.ts'
import { connectTo, correct, untilIdle } from '../../../faults/connection.ts'
import { STROKES, smallDrawing } from '../../../faults/drawings.ts'
import { testUnless } from '../../../skip.ts'
import { testModel, testWeights } from '../../models/test-model.ts'
import { startServer } from '../../running-server.ts'

describe('the number of connections', () => {
  it('is the one that is wanted where there are files for all, or the system names no limit', () => {
    for (const limit of [undefined, { most: 1024, open: 30 }]) {
      const room = connectionRoom(64, limit)
      expect(room).toEqual({ places: 64, withoutPlace: 192, most: Infinity, warning: '' })
    }
  })

  it('leaves files for threads, the store and models, however few there are', () => {
    for (let most = 40; most < 1024; most += 8) {
      const room = connectionRoom(64, { most, open: 27 })
      expect(room.places).toBeGreaterThanOrEqual(3)
      if (most > 60) expect(room.places + room.withoutPlace).toBeLessThanOrEqual(most - 27 - 20)
    }
  })

  it('that is smaller than wanted is said, with what allows more', () => {
    expect(connectionRoom(64, { most: 64, open: 27 }).warning).toBe(
      'this process may have 64 files open: 10 connections at once are taken, not 64; `ulimit -n 1024` before the start, or LimitNOFILE=1024 of a systemd service, allows more',
    )
  })

  it('is not limited where the system hides its limits', () => {
    expect(openFilesLimit('/nonexistent')).toBeUndefined()
  })
})

testUnless(
  !runTool('prlimit', '--version') && 'there is no prlimit',
  'with 64 files a server says so, answers under more connections than it takes, keeps corrections and learns',
  async () => {
    const settings = {
      INKLING_DATA: '/nonexistent',
      INKLING_RATE_LIMIT: 'off',
      INKLING_WEIGHTS: testWeights(testModel('cnn')),
    }
    const server = await startServer(settings, [
      'prlimit',
      '--nofile=64:64',
      process.execPath,
      new URL('../../../../server/inkling.js', import.meta.url).pathname,
    ])
    expect(server.output()).toMatch(/may have 64 files open: \d+ connections at once are taken, not 64;/)
    const sockets: Socket[] = []
    for (let k = 0; k < 100; k++) {
      const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: `127.0.6.${(k % 50) + 1}` })
      sockets.push(socket.on('error', () => {}))
    }
    await sleep(300)
    const on = connectTo(server.port)
    const patiently = async <Value>(ask: () => Promise<Value>): Promise<Value> => {
      for (const since = performance.now(); ; await sleep(100)) {
        try {
          return await ask()
        } catch (error) {
          if (performance.now() - since > 20_000) throw error
        }
      }
    }
    const predict = () => on.json<{ digit: number }>('POST', '/api/v1/predict', STROKES[3])
    expect((await patiently(predict)).digit).toBeTypeOf('number')
    const { png } = smallDrawing(1)
    const { id } = await patiently(() => correct(on, png, 1))
    expect(id).toHaveLength(36)
    const { rounds, corrections } = await patiently(() => untilIdle(on, 60_000))
    expect([corrections, rounds.length > 0, rounds[0]?.verdict === 'failed']).toEqual([1, true, false])
    expect((await patiently(() => on.send('GET', '/api/v1/models/cnn/weights'))).status).toBe(200)
    for (const socket of sockets) socket.destroy()
    on.close()
    expect(server.output()).not.toMatch(/EMFILE|storage_failed/)
    expect(await server.stop()).toBe(0)
  },
  { timeout: 120_000 },
)
