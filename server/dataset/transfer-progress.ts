/** Progress of a transfer on standard error: sentences and, on a terminal, a bar. */

import { Presets, SingleBar } from 'cli-progress'

export interface TransferProgress {
  update(file: string, done: number, total: number | undefined): void // bytes
  note(sentence: string): void
  stop(): void
}

const MEGABYTE = 1e6

export function transferProgress(): TransferProgress {
  if (process.stderr.isTTY !== true) return { update() {}, note: (sentence) => console.error(sentence), stop() {} }
  const format = '{file} {bar} {value}/{total} MB  {eta_formatted} left'
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic)
  let current = ''
  const stop = () => {
    if (current !== '') bar.stop()
    current = ''
  }
  return {
    update(file, done, total) {
      const [value, end] = [done, total ?? done].map((bytes) => Number((bytes / MEGABYTE).toFixed(1)))
      if (file !== current) {
        stop()
        bar.start(end, value, { file })
        current = file
      }
      bar.setTotal(end)
      bar.update(value, { file })
    },
    note(sentence) {
      stop()
      console.error(sentence)
    },
    stop,
  }
}
