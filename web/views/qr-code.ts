/** Draws a QR code into an SVG. */

import { toSvgPath } from 'lean-qr/extras/svg'
import { generate } from 'lean-qr/nano'

/** Width of the empty border that readers need, modules (ISO/IEC 18004). */
const BORDER = 4

/** @param image with one path; the style sheet gives both their colours */
export function drawQrCode(image: SVGSVGElement, text: string): void {
  const code = generate(text)
  const size = code.size + 2 * BORDER
  image.setAttribute('viewBox', `${-BORDER} ${-BORDER} ${size} ${size}`)
  image.querySelector('path')?.setAttribute('d', toSvgPath(code))
  image.setAttribute('aria-label', `QR code of ${text}`)
}
