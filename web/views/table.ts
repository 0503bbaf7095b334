/** Rows of tables, whose first cell is the row's header. */

/** A row with one cell per text. */
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
