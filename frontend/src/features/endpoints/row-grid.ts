/** The columns of the list, one line on wide screens and a card on phones. */
export const rowGrid = [
  'grid items-center gap-x-3 px-3 md:gap-x-6 md:px-4 text-sm',
  "[grid-template-areas:'health_last'_'name_name'_'bar_bar'] grid-cols-[auto_1fr] content-center gap-y-1",
  "md:[grid-template-areas:'health_name_bar_last'] md:grid-cols-[7rem_minmax(0,1fr)_15rem_9.5rem] md:gap-y-0",
].join(' ')

/** The height of an endpoint's card on phones, in pixels. */
export const cardHeight = 104

/** The height of a group's head, in pixels, unless rows are lower. */
export const groupHeight = 36
