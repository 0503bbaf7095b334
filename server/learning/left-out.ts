/**
 * Networks that took something back while a round was learning from it. The round begins again at once, without the other corrections of
 * those networks, whose turn comes afterwards: so a network stops one round and no more, however much it takes back.
 */
export class LeftOut {
  /** In hex. */
  readonly networks = new Set<string>()
  #shortened = 0 // number of the round that was begun without them

  /** Notes that a round begins without them. */
  begin(round: number): void {
    if (this.networks.size > 0) this.#shortened = round
  }

  /** Whether a round that came to its end was begun without them, so that their turn comes. */
  end(round: number): boolean {
    this.networks.clear()
    return round === this.#shortened
  }
}
