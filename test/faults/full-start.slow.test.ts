/** Starts on a full disk: one that has no room for bytes, and one that has none for new files either. */

import { expect, it } from 'vitest'
import { run } from '../server/command.ts'
import { type FullStart, onFullDisks, startFull } from './full-start.ts'

it('a server starts on a full disk, answers with what it learned, refuses corrections, and needs no restart afterwards', async ({
  skip,
}) => {
  const all: FullStart[] = []
  const missing = await onFullDisks(async (disk) => {
    for (const before of ['stopped', 'killed'] as const) all.push(await startFull(disk, before))
  })
  for (const { output, ...figures } of all) {
    const { learned, known } = figures
    const right = { command: 0, version: learned, listed: known, refused: '503 storage_full', taken: 201 }
    expect(figures).toMatchObject({ ...right, kept: known + 1, ends: [0, 0] })
    expect(output).toMatch(/^inkling: storage_full: .*; corrections are refused until this changes/m)
    expect(output).not.toMatch(/^\s+at /m)
  }
  if (all.length === 0) skip(missing.join('; '))
})

it('a first start and a command that writes end on a full disk with 1 and one sentence that says what to do', async ({
  skip,
}) => {
  const sentences: string[] = []
  const missing = await onFullDisks(async ({ state, env, fill, free }) => {
    fill()
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--state', state], env)
    expect([code, stdout]).toEqual([1, ''])
    const token = await run(['token', '--save', '--state', state], env)
    expect(token.code).toBe(1)
    sentences.push(stderr, token.stderr)
    free()
  })
  for (const sentence of sentences)
    expect(sentence).toMatch(/^inkling: storage_full: there is no room for .*; delete something on this disk.*\n$/)
  if (sentences.length === 0) skip(missing.join('; '))
})
