/** The line that says which server the page asks, where that is another one than it came from. */

import { element } from './element.ts'

/** The returned function shows the address of the server's own page, or nothing for ''. */
export function createServerView(): (url: string) => void {
  const line = element('server', HTMLElement)
  const link = element('server-address', HTMLAnchorElement)
  return (url) => {
    line.hidden = url === ''
    link.href = url
    link.textContent = url
  }
}
