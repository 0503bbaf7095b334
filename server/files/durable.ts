/** Writes files that exist whole or not at all, also after a power cut. */

import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file under a temporary name, then renames it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`
  writeFileSync(temporary, content)
  moveWhole(temporary, path)
}

/** Renames a finished file: its bytes reach the disk first, then its name does. */
export function moveWhole(from: string, to: string): void {
  sync(from, 'r+')
  renameSync(from, to)
  syncFolder(dirname(to))
}

/** Writes the names in a folder to disk. */
export function syncFolder(path: string): void {
  sync(path, 'r')
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
