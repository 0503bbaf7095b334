/** What the owner decides about corrections and who sent them, in the API; the other types on the wire are in `protocol.ts`. */

/** Answer to `POST /api/v1/corrections/{id}/approve`, and to `/api/v1/corrections/approve`, which takes `{"from": number}` or nothing. */
export interface ApproveResponse {
  readonly approved: number // that had not been before
}

/** What the owner decided about a sender: its corrections count at once, or none is taken or used. */
export type SenderStanding = 'none' | 'trusted' | 'blocked'

/** A client network that sent corrections, as a number. */
export interface SenderSummary {
  readonly number: number
  readonly standing: SenderStanding
  readonly corrections: number // that are kept
  readonly held: number
  readonly learned: number
  readonly implausible: number
  readonly latest?: string // ISO 8601
}

/** Answer to `GET /api/v1/senders`, for the owner: those with most held back first. */
export interface SendersResponse {
  readonly senders: readonly SenderSummary[]
}
