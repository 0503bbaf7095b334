/** Writes files as a .tgz that is the same for the same files, whoever writes it, whenever and wherever. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Header, Pack, ReadEntry } from 'tar'

/** When every file was last changed: the date that npm gives to the files of a package. */
const CHANGED = new Date('1985-10-26T08:15:00Z')

/** What a shell starts. */
const EXECUTABLE = /(^|\/)(install\.sh|inkling\.js)$/

/**
 * @param files below `root`, in the order in which they are unpacked
 * @param folder that holds them all when they are unpacked
 */
export async function packFiles(root: string, files: readonly string[], folder: string): Promise<Buffer> {
  const pack = new Pack({ portable: true, gzip: { level: 9 } })
  for (const file of files) {
    const content = readFileSync(join(root, file))
    const mode = EXECUTABLE.test(file) ? 0o755 : 0o644
    const path = `${folder}/${file}`
    const entry = new ReadEntry(new Header({ path, mode, size: content.length, type: 'File', mtime: CHANGED }))
    entry.end(content)
    pack.add(entry)
  }
  pack.end()
  return pack.concat()
}
