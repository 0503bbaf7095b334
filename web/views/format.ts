/** Numbers as people read them: shares, times, sizes and counts. */

/** 0..1 as a percentage with one decimal: 0.98234 is 98.2%. A share below 1 never becomes 100%. */
export function percent(share: number): string {
  return `${share >= 0.9995 && share < 1 ? '99.9' : (share * 100).toFixed(1)}%`
}

/** 0..1 as a percentage with two decimals, for small differences. */
export function precisePercent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

/** 0..1 as a whole percentage. */
export function wholePercent(share: number): string {
  return `${Math.round(100 * share)}%`
}

/** A mean and its standard deviation, both 0..1: 97.2 ± 1.4%. */
export function percentWithSpread(mean: number, deviation: number): string {
  return `${percent(mean).slice(0, -1)} ± ${percent(deviation)}`
}

/** A difference of shares 0..1 in percentage points, with its sign: +0.12, −0.05, ±0. */
export function percentagePoints(difference: number): string {
  const rounded = Math.round(10_000 * difference) / 100
  return rounded === 0 ? '±0' : `${rounded > 0 ? '+' : '−'}${Math.abs(rounded).toFixed(2)}`
}

/** ms with three significant digits: 0.412 ms, 12.3 ms, 1520 ms. */
export function milliseconds(ms: number): string {
  return `${ms < 0.1 ? ms.toFixed(2) : Number(ms.toPrecision(3))} ms`
}

/** s as the two largest units: 3 d 4 h, 2 min 5 s. */
export function duration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  let rest = Math.floor(seconds)
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return `${count} ${unit}`
    })
    .filter((part) => !part.startsWith('0 '))
    .join(' ')
}

/** An ISO 8601 time in the visitor's language and time zone. */
export function dateTime(at: string): string {
  return new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}

/** Bytes as MB of 2^20. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

/** Bytes of a file, in kB of 2^10 or MB of 2^20: 31 kB, 1.4 MB. */
export function fileSize(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`
}

/** 3 drawings, 1 drawing. */
export function quantity(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}

const BACKENDS: Readonly<Record<string, string>> = {
  simd: 'WebAssembly with SIMD',
  scalar: 'WebAssembly',
  ts: 'TypeScript',
}

/** The name of a backend for people. */
export function backendName(name: string): string {
  return BACKENDS[name] ?? name
}
