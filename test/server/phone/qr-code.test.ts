import { describe, expect, it } from 'vitest'
import { qrText, type Terminal, terminalOf } from '../../../server/phone/qr-code.ts'
import { readQrCode, readTerminal } from '../../qr-codes.ts'
import { describeInBrowser } from '../../web/visit.ts'

const URL = 'http://192.168.178.123:8000'
const TTY = { isTTY: true, columns: 80 }

/** Terminals by what the environment says, and the ground they have: true for a light one. */
const TERMINALS: readonly (readonly [what: string, terminal: Terminal, light: boolean])[] = [false, true].flatMap(
  (light) => {
    const on = light ? 'on a light ground' : 'on a dark ground'
    const ground = light ? { COLORFGBG: '0;15' } : {}
    return [
      [`with colours ${on}`, terminalOf(TTY, { LANG: 'en_US.UTF-8' }), light],
      [`with colours and ASCII ${on}`, terminalOf(TTY, { LANG: 'C' }), light],
      [`without colours ${on}`, terminalOf(TTY, { LANG: 'de_DE.utf8', NO_COLOR: '1', ...ground }), light],
      [`without colours, with ASCII, ${on}`, terminalOf(TTY, { LANG: 'C', NO_COLOR: '1', ...ground }), light],
      [`without escape sequences ${on}`, terminalOf(TTY, { LANG: 'C.UTF-8', TERM: 'dumb', ...ground }), light],
    ] as const
  },
)

describe('the QR code in a terminal', () => {
  it.each(TERMINALS)('%s is read by a reader, dark on light', (_, terminal, light) => {
    expect(readTerminal(qrText(URL, terminal) ?? '', light)).toBe(URL)
  })

  it('in a light terminal that does not say so is light on dark, and is read all the same', () => {
    const plain = terminalOf(TTY, { LANG: 'C.UTF-8', NO_COLOR: '1' })
    expect(readTerminal(qrText(URL, plain) ?? '', true, 'attemptBoth')).toBe(URL)
  })

  it('in a file or a pipe has no escape sequence, and with ASCII alone there is none', () => {
    expect(qrText(URL, terminalOf({}, { LANG: 'C.UTF-8' }))).toMatch(/^[ ▀▄█\n]+$/)
    expect(qrText(URL, terminalOf({}, { LANG: 'C' }))).toBeUndefined()
  })

  it('with LANG=C, or with no locale on Linux, is ASCII; without a locale on Android it is not', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: of escape sequences
    const ascii = /^[\x1b -~\n]+$/
    expect(qrText(URL, terminalOf(TTY, { LANG: 'C' }))).toMatch(ascii)
    expect(qrText(URL, terminalOf(TTY, { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }))).toMatch(ascii)
    expect(qrText(URL, terminalOf(TTY, {}, 'linux'))).toMatch(ascii)
    expect(qrText(URL, terminalOf(TTY, {}, 'android'))).not.toMatch(ascii)
  })

  it('is 33 columns wide, 66 in ASCII, and left out where the terminal is narrower', () => {
    const wide = (columns: number, LANG: string) =>
      qrText(URL, terminalOf({ isTTY: true, columns }, { LANG })) !== undefined
    expect([wide(33, 'C.UTF-8'), wide(32, 'C.UTF-8'), wide(66, 'C'), wide(65, 'C')]).toEqual([true, false, true, false])
  })
})

describeInBrowser('the QR code in a terminal, drawn by a browser with a font,', (browser) => {
  it.each([
    ['light on dark', '#ddd', '#111', 'dontInvert'],
    ['dark on light', '#111', '#eee', 'attemptBoth'],
  ] as const)('%s is read by a reader', async (_, color, background, inversion) => {
    const page = await browser().newPage({ viewport: { width: 800, height: 800 } })
    await page.setContent(
      `<style>body{background:${background};color:${color};font:bold 16px/1 monospace}</style><pre></pre>`,
    )
    const text = qrText(URL, terminalOf({}, { LANG: 'C.UTF-8' })) ?? ''
    await page.locator('pre').evaluate((pre, content) => (pre.textContent = content), text)
    expect(readQrCode(await page.screenshot(), inversion)).toBe(URL)
    await page.close()
  })
})
