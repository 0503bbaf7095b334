/** Name and system of this browser, as far as its User-Agent says. */

import type { BenchmarkEnvironment } from '../../core/protocol.ts'

// The first match counts: most browsers also name Chrome or Safari.
const NAMES = [
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Edge', /(?:Edg|EdgA|EdgiOS)\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Samsung Internet', /SamsungBrowser\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ['Safari', /Version\/(\d+(?:\.\d+)?).* Safari\//],
] as const

const SYSTEMS = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
] as const

/** Name and major version of a browser from its User-Agent: Firefox 128. */
export function browserName(userAgent: string): string {
  for (const [name, pattern] of NAMES) {
    const version = pattern.exec(userAgent)?.[1]
    if (version !== undefined) return `${name} ${version}`
  }
  return 'a browser of unknown name'
}

/** The operating system from a User-Agent; undefined where it is unknown. */
export function systemName(userAgent: string): string | undefined {
  return SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0]
}

/** @param program version of the program this page belongs to */
export function browserEnvironment(
  program: string,
  selfTest: string,
  { userAgent, hardwareConcurrency }: Pick<Navigator, 'userAgent' | 'hardwareConcurrency'> = navigator,
): BenchmarkEnvironment {
  const platform = systemName(userAgent)
  return {
    program,
    runtime: browserName(userAgent),
    selfTest,
    ...(hardwareConcurrency > 0 && { cores: hardwareConcurrency }),
    ...(platform !== undefined && { platform }),
  }
}
