/** Elements of the page: those of index.html by id and type, new ones, and their texts. */

/** @throws Error when index.html has no such element */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} with id ${id}`)
  return found
}

/** Appends a new element to a parent, and returns it. */
export function append<Tag extends keyof HTMLElementTagNameMap>(
  parent: HTMLElement,
  tag: Tag,
  className = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const child = document.createElement(tag)
  if (className) child.className = className
  if (text) child.textContent = text
  parent.append(child)
  return child
}

/** Sets a text only where it changes: screen readers announce a live region again whenever its text is set. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** Appends a short highlighted word, such as 'chosen', after a space. */
export function appendMark(parent: HTMLElement, word: string, className = ''): void {
  parent.append(' ')
  append(parent, 'span', `mark ${className}`.trim(), word)
}
