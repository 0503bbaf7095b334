/** Rows of tables: the first cell names the row. */

/** A row of these texts. */
export function row(texts: readonly string[]): HTMLTableRowElement {
  const row = document.createElement('tr')
  for (const [i, text] of texts.entries()) {
    const cell = document.createElement(i === 0 ? 'th' : 'td')
    if (i === 0) cell.setAttribute('scope', 'row')
    cell.textContent = text
    row.append(cell)
  }
  return row
}
