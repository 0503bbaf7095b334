// How the sparse dense kernels cut outputs into tiles of eight, ten or twelve vectors.

/** Columns of the next tile where `rest` are left: 48, 40 or 32, whichever leaves no part of a tile; 0 if fewer than 32 are left. */
export function panelWidth(rest: i32): i32 {
  const vectors = rest >> 2
  if (vectors < 8) return 0
  if (vectors % 12 === 0) return 48
  return vectors % 10 === 0 ? 40 : 32
}

/** Columns of all tiles of O. */
export function panelColumns(O: i32): i32 {
  let o = 0
  for (let width = panelWidth(O); width > 0; width = panelWidth(O - o)) o += width
  return o
}
