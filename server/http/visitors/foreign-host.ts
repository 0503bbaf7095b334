/** The refusal of a host that is not known to be this server's, and how names that strangers send are shown. */

import { InputError } from '../../../core/errors.ts'

const SHOWN = 100 // characters of a name in a message

/** A refused Host. */
export class ForeignHostError extends InputError {
  readonly host: string // as it may be shown
  readonly addable: string | undefined

  /**
   * @param received the host; '' where there is none
   * @param addable the name of it that INKLING_HOSTS would take; undefined where it is malformed
   */
  constructor(received: string, addable: string | undefined, expected: string) {
    const host = shownName(received)
    const remedy =
      addable === undefined ? '' : `. If this is a name of the server, start it with INKLING_HOSTS=${addable}`
    super(421, 'foreign_host', `the Host is ${received ? `"${host}"` : 'missing'}; expected ${expected}${remedy}`)
    this.name = 'ForeignHostError'
    this.host = host
    this.addable = addable
  }
}

/** A host or an origin that a stranger sent, as a message may show it: no more than plain characters, and not many. */
export function shownName(text: string): string {
  const plain = text.slice(0, SHOWN).replace(/[^\w.:[\]%*/-]/g, '?')
  return text.length > SHOWN ? `${plain}...` : plain
}
