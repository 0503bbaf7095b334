/** The page's texts about what the visitor taught this browser. */

import { quantity } from '../views/format.ts'
import type { YoursState } from './yours.ts'

/**
 * What became of what was taught, beside the buttons.
 * @param drawings number of drawings taught
 * @param kept whether they stay when the page is closed
 */
export function yoursMessage(state: YoursState, drawings: number, kept: boolean): string {
  const until = kept ? '' : ' This browser keeps nothing for pages, so they last until you close this one.'
  switch (state.kind) {
    case 'nothing':
      return state.forgotten ? 'Forgotten on this device: the answers are everyone’s again.' : ''
    case 'waiting':
      return `This browser learns from your ${quantity(drawings, 'drawing')} as soon as the phone has sent what that takes.`
    case 'unable':
      return `This model learns on the phone alone. This browser keeps your ${quantity(drawings, 'drawing')} for networks.${until}`
    case 'learning':
      return 'This browser is learning what you taught, for your answers …'
    case 'learned':
      return `Yours: this browser has learned from ${quantity(state.drawings, 'drawing')}, for your answers alone.${until}`
    case 'failed':
      return `This browser can’t learn it now: ${state.reason}. It tries again when you teach again.`
  }
}

/** The weights that were learned, for whoever wants to compare them; '' where there are none. */
export function yoursFacts(state: YoursState): string {
  if (state.kind !== 'learned') return ''
  const { drawings, ms, sha256, version } = state
  return `Your own weights: learned in ${(ms / 1000).toFixed(1)} s from version ${version} and ${quantity(drawings, 'drawing')}. SHA-256 ${sha256}`
}
