/** A call that is made at once, and then at most once a pause with nothing lost: the last wish is granted. */
export interface Throttled {
  call(): void
  stop(): void
}

/** Makes a throttled call; the pause is in milliseconds. */
export function throttle(act: () => void, pause: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  const run = () => {
    wanted = false
    timer = setTimeout(() => {
      timer = undefined
      if (wanted) run()
    }, pause)
    act()
  }
  return {
    call() {
      if (timer === undefined) run()
      else wanted = true
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
      wanted = false
    },
  }
}
