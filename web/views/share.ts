/** The address by which another device opens this page, as text and as a QR code for its camera. */

import type { SystemResponse } from '../../core/protocol.ts'
import type { ServerAddress } from '../api/server.ts'
import { element, setText } from './element.ts'
import { drawQrCode } from './qr-code.ts'
import { shareAddress } from './share-address.ts'

const SCAN = 'In the same network, point its camera at the code, or type the address:'
const LOST =
  'This page was opened by an address that only the phone itself has, and the phone does not know another one. Its settings show it, under Wi-Fi.'

/** Shows what the phone says of its addresses. It counts where this page was opened by a name that means the phone only to itself. */
export type ShareView = (system: SystemResponse) => void

/** @param server which one this page asks */
export function createShareView(server: ServerAddress): ShareView {
  const root = element('share', HTMLDetailsElement)
  const text = element('share-text', HTMLElement)
  const link = element('share-address', HTMLAnchorElement)
  const image = element('share-code', SVGSVGElement)
  let address = shareAddress(location.href, server, [])
  let shown: string | undefined

  const show = () => {
    if (!root.open || address === shown) return
    shown = address
    setText(text, address ? SCAN : LOST)
    link.href = address
    setText(link, address)
    for (const part of [link.parentElement, image]) part?.toggleAttribute('hidden', !address)
    if (address) drawQrCode(image, address)
  }
  root.addEventListener('toggle', show)
  return ({ addresses }) => {
    address = shareAddress(location.href, server, addresses)
    show()
  }
}
