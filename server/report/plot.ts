/**
 * Observable Plot with a document to draw in, which Node does not have. Both are development dependencies: a phone that only
 * serves draws no pictures of training, so they are loaded when one is drawn and may be missing.
 */

import type * as PlotModule from '@observablehq/plot'

export interface Plotter {
  readonly Plot: typeof PlotModule
  /** Draws plots below one another as one SVG file on white. The options of a figure are those of Plot.plot. */
  draw(...figures: readonly Figure[]): string
}

/** One plot, with its size in px. */
export interface Figure {
  readonly width: number
  readonly height: number
  readonly options: object
}

/** The plotter, or undefined if the libraries are not installed. */
export async function loadPlotter(): Promise<Plotter | undefined> {
  try {
    const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
    const { document } = parseHTML('<body></body>')
    return {
      Plot,
      draw(...figures) {
        let [top, widest] = [0, 0]
        let inner = ''
        for (const { width, height, options } of figures) {
          const plot = Plot.plot({ ...options, width, height, document })
          plot.setAttribute('y', String(top))
          inner += `${plot.outerHTML}\n`
          top += height
          widest = Math.max(widest, width)
        }
        const size = `width="${widest}" height="${top}" viewBox="0 0 ${widest} ${top}"`
        const paper = '<rect width="100%" height="100%" fill="white"/>'
        return `<svg xmlns="http://www.w3.org/2000/svg" ${size} color="#222">\n${paper}\n${inner}</svg>\n`
      },
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
