/** A QR code as text for a terminal: light or dark, with colours or without, and where only ASCII can be shown. */

import { generate } from 'lean-qr/nano'

/** Width of the empty border that readers need, modules (ISO/IEC 18004). */
const BORDER = 4

/** What a terminal can show. */
export interface Terminal {
  readonly colors: boolean // escape sequences for colours
  readonly styles: boolean // other escape sequences, such as reverse video
  readonly unicode: boolean
  readonly darkText: boolean // dark text on a light ground
  readonly columns: number
}

/** How to draw: `light` says for two modules, above and below each other, whether each is light. */
interface Ink {
  readonly rows: 1 | 2 // modules in a line of text
  readonly columns: 1 | 2 // of text for a module
  readonly before: string // at the beginning of each line
  readonly after: string
  readonly cell: (above: boolean, below: boolean) => string
}

/** The terminal that a stream leads to, by the stream and the environment; a file or a pipe shows plain text only. */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
): Terminal {
  const styles = stream.isTTY === true && env.TERM !== 'dumb'
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  const ground = /;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1] // a number of 16 colours: 7 and 15 are white
  return {
    styles,
    colors: styles && !env.NO_COLOR,
    // Android and macOS show UTF-8 whatever the locale says
    unicode: locale === undefined ? ['android', 'darwin'].includes(platform) : /utf-?8/i.test(locale),
    darkText: ground === '7' || ground === '15',
    columns: stream.columns || 80, // 0 where the terminal does not say
  }
}

/**
 * The code of a text, as lines each ended by a newline; undefined where the terminal is too narrow for it, or can show neither
 * blocks nor reverse video: no reader reads a code made of letters.
 */
export function qrText(text: string, terminal: Terminal): string | undefined {
  const ink = inkOf(terminal)
  const code = generate(text)
  if (ink === undefined || (code.size + 2 * BORDER) * ink.columns > terminal.columns) return undefined
  const { rows, before, after, cell } = ink
  const light = (x: number, y: number) => !code.get(x, y)
  const end = code.size + BORDER
  let lines = ''
  for (let y = -BORDER; y < end; y += rows) {
    lines += before
    for (let x = -BORDER; x < end; x++) lines += cell(light(x, y), y + 1 < end ? light(x, y + 1) : true)
    lines += `${after}\n`
  }
  return lines
}

// Black on bright white where colours may be set: readers find dark on light most easily. Otherwise the light modules are drawn in
// the colour that is lighter, which without a hint is the text's: most terminals are dark, Termux is.
function inkOf({ colors, styles, unicode, darkText }: Terminal): Ink | undefined {
  const blocks = (a: boolean, b: boolean) => (a ? (b ? '█' : '▀') : b ? '▄' : ' ')
  const after = styles ? '\x1b[0m' : ''
  if (unicode) {
    const fit = { rows: 2, columns: 1, after } as const
    if (colors) return { ...fit, before: '\x1b[30;107m', cell: (a, b) => blocks(!a, !b) }
    return { ...fit, before: '', cell: (a, b) => blocks(a !== darkText, b !== darkText) }
  }
  if (!styles) return undefined
  const fit = { rows: 1, columns: 2, before: '', after } as const
  if (colors) return { ...fit, cell: (a) => (a ? '\x1b[107m  ' : '\x1b[40m  ') }
  return { ...fit, cell: (a) => (a !== darkText ? '\x1b[7m  ' : '\x1b[0m  ') }
}
