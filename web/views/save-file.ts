/** Saves a text as a file of the visitor's, without asking a server. */

/** ms after which the browser has begun to save it. */
const BEGUN = 60_000

export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), BEGUN)
}
