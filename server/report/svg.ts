/** Pieces of charts that are drawn without a library, so that a phone can draw them too. */

/** px from both edges of a chart. */
export const EDGE = 16

/** Numbers beside the lines of a logarithmic scale. */
export const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Fonts, and the colours of what is no bar, legible on light and dark. */
export const PAPER_STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1b1f24 }
  .title { font-size: 17px; font-weight: 600 }
  .group { font-weight: 600 }
  .quiet { fill: #59636e }
  .paper { fill: #ffffff }
  .grid { stroke: #d1d9e0 }
  .one { stroke: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f3f6 }
    .quiet { fill: #a9b4bf }
    .paper { fill: #14181d }
    .grid { stroke: #2c343d }
    .one { stroke: #a9b4bf }
  }`

/** A whole file: the size, the title and the style, and what is drawn on the paper. */
export function svgFile(width: number, height: number, title: string, style: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${PAPER_STYLE}${style}\n</style>`,
    '<rect class="paper" width="100%" height="100%"/>',
    ...parts,
    '</svg>\n',
  ].join('\n')
}

export function svgText(x: number, y: number, words: string, style = '', anchor = ''): string {
  const attributes = `${style && ` class="${style}"`}${anchor && ` text-anchor="${anchor}"`}`
  return `<text x="${pixels(x)}" y="${y}"${attributes}>${escaped(words)}</text>`
}

/** A bar that says what it is when it is pointed at. */
export function svgBar(style: string, x: number, y: number, width: number, height: number, words: string): string {
  const size = `width="${pixels(Math.max(1, width))}" height="${height}"`
  return `<rect class="${style}" x="${pixels(x)}" y="${y}" ${size}><title>${escaped(words)}</title></rect>`
}

/** A vertical line of a scale with its number above. */
export function svgTick(style: string, x: number, top: number, bottom: number, words: string): string[] {
  return [
    `<line class="${style}" x1="${pixels(x)}" x2="${pixels(x)}" y1="${top + 10}" y2="${bottom}"/>`,
    svgText(x, top + 2, words, 'quiet', 'middle'),
  ]
}

/** As many characters as fit. */
export function cutTo(words: string, fitting: number): string {
  return words.length > fitting ? `${words.slice(0, fitting - 1).trimEnd()}…` : words
}

function pixels(px: number): number {
  return Math.round(px * 10) / 10
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
