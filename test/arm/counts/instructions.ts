/** Runs a bundled program under instructions.sh and reads the counts of its main thread, mark by mark. */

import { join } from 'node:path'
import { startProcess } from '../../child-processes.ts'

const MARK = /^@mark \d+ instructions=(?<count>\d+) /

/**
 * Instructions from each mark to the next, in order; the first is from the start of the program.
 * @param args flags of Node, the bundled file, its arguments
 * @throws Error where the program fails, with what it said
 */
export function countMarks(args: readonly string[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'instructions.sh')
    const child = startProcess('sh', [script, ...args])
    child.stdout.pipe(process.stdout, { end: false })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const lines = said.split('\n')
      if (code === 0) {
        resolve(lines.flatMap((line) => (MARK.exec(line)?.groups ? [Number(MARK.exec(line)?.groups?.count)] : [])))
      } else {
        const rest = lines.filter((line) => !line.startsWith('@')).slice(-12)
        reject(new Error(`instructions.sh ended with ${signal ?? `exit ${code}`}: ${rest.join('\n').trim()}`))
      }
    })
  })
}
