/** The columns of the list, one line on wide screens and a card on phones. */
export const rowGrid = [
  'grid items-center gap-x-3 px-3 md:gap-x-6 md:px-4 text-sm',
  "[grid-template-areas:'health_last'_'name_name'_'bar_bar'] grid-cols-[auto_1fr] content-center gap-y-1",
  "md:[grid-template-areas:'health_name_bar_last'] md:grid-cols-[7rem_minmax(0,1fr)_15rem_7.5rem] md:gap-y-0",
].join(' ')

/** The height of a row in pixels: md:h-13 and h-26 of the row. */
export function rowHeight(wide: boolean): number {
  return wide ? 52 : 104
}
