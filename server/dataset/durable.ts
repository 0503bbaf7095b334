/** Files that are there whole or not at all, also after a power cut. */

import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a finished file its name: its bytes reach the disk first, then the name does. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await sync(from, 'r+')
  await rename(from, to)
  await sync(dirname(to), 'r')
}

export async function writeDurably(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
  await moveDurably(temporary, path)
}
