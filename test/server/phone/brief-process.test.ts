import { describe, expect, it } from 'vitest'
import { runBriefly } from '../../../server/phone/brief-process.ts'
import { isAlive } from './fake-battery.ts'

describe('a program of the system', () => {
  it('gives what it prints and its exit code', async () => {
    expect(await runBriefly('sh', ['-c', 'echo out; echo err >&2; exit 3'], 5000)).toEqual({
      kind: 'ended',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  it('that is not there, or may not be run, is missing', async () => {
    expect(await runBriefly('no-such-program', [], 5000)).toEqual({ kind: 'missing' })
    expect(await runBriefly('/etc/passwd', [], 5000)).toEqual({ kind: 'missing' })
  })

  it('that hangs is killed after its limit with what it has started, and only the first 64 KiB are read of one that talks on', async () => {
    const started = performance.now()
    const folder = process.env.TMPDIR ?? '/tmp'
    const file = `${folder}/inkling-brief-${process.pid}`
    const script = `sleep 600 & echo $! > ${file}; while :; do echo talk; done`
    expect(await runBriefly('sh', ['-c', script], 300)).toEqual({ kind: 'hung' })
    expect(performance.now() - started).toBeLessThan(3000)
    const { readFileSync, rmSync } = await import('node:fs')
    await expect.poll(() => isAlive(Number(readFileSync(file, 'utf8')))).toBe(false)
    rmSync(file)
  })
})
