/** What the owner decides about stored corrections and who sent them. Rounds follow at once: tell the learner after each change. */

import { InputError } from '../../core/errors.ts'
import type { SenderStanding, SenderSummary } from '../../core/learning/decisions.ts'
import type { CorrectionRow, CorrectionRows } from '../store/corrections.ts'
import type { SenderRow, SenderRows } from '../store/senders.ts'

/** Most senders that are listed. */
const SENDERS = 500

/** All methods throw BusyError 503 where the storage fails. */
export interface Decisions {
  /** The drawing as a PNG. @throws InputError 404 unknown_correction */
  picture(id: string): Uint8Array<ArrayBuffer>
  /**
   * Has a correction count as the owner's. Returns whether it did not before.
   * @throws InputError 404 unknown_correction, 409 sender_blocked
   */
  approve(id: string): boolean
  /**
   * Approves all that are held back, of one sender where its number is given. Returns how many.
   * @throws InputError 404 unknown_sender
   */
  approveHeld(sender?: number): number
  /** Those with most held back first. */
  senders(): SenderSummary[]
  /** @throws InputError 404 unknown_sender */
  setStanding(sender: number, standing: SenderStanding): SenderSummary
}

export function createDecisions(rows: CorrectionRows, senders: SenderRows): Decisions {
  function find(id: string): CorrectionRow {
    const row = rows.find(id)
    if (!row) throw new InputError(404, 'unknown_correction', 'no correction with that id is kept')
    return row
  }

  function sender(number: number): SenderRow {
    const [row] = senders.list(1, number)
    if (!row) throw new InputError(404, 'unknown_sender', 'no corrections of a sender with that number are kept')
    return row
  }

  return {
    picture(id) {
      const { number } = find(id)
      return new Uint8Array(rows.picture(number) ?? [])
    },

    approve(id) {
      const { number, network, trusted } = find(id)
      if (!trusted && senders.standing(network) === 'blocked') {
        throw new InputError(409, 'sender_blocked', 'its sender is blocked, which comes first')
      }
      return rows.approve([number]) > 0
    },

    approveHeld(number) {
      if (number !== undefined) sender(number)
      return rows.approve(rows.held(number))
    },

    senders: () => senders.list(SENDERS).map(summary),

    setStanding(number, standing) {
      sender(number)
      senders.setStanding(number, standing === 'none' ? '' : standing)
      return summary(sender(number))
    },
  }
}

function summary({ latest, standing, ...row }: SenderRow): SenderSummary {
  return {
    ...row,
    standing: standing === '' ? 'none' : standing,
    ...(latest !== null && { latest: new Date(latest).toISOString() }),
  }
}
