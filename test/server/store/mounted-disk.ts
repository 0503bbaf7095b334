/** A small disk of its own for a test: a mounted tmpfs, which takes root's rights. */

import { join } from 'node:path'
import { runTool } from '../../child-processes.ts'
import { newFolder } from '../corrections/corrections.ts'

export interface Disk {
  readonly path: string
  /** Fills what is left of it. */
  fill(): void
  /** Nothing may have a file on it open for writing. */
  makeReadOnly(): void
}

/** Runs `work` with a disk of that many KiB; false where none can be mounted. */
export async function withDisk(size: number, work: (disk: Disk) => void | Promise<void>): Promise<boolean> {
  const path = newFolder()
  const mount = (...words: string[]) => runTool('mount', ...words, path)
  if (!mount('-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs')) return false
  try {
    await work({
      path,
      fill: () => void runTool('dd', 'if=/dev/zero', `of=${join(path, 'fill')}`, 'bs=4096'),
      makeReadOnly: () => {
        if (!mount('-o', 'remount,ro')) throw new Error('cannot be made read-only')
      },
    })
  } finally {
    runTool('umount', '-l', path)
  }
  return true
}
