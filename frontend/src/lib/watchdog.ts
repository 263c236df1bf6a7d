/** Calls bark once when it has not been fed for limit milliseconds. */
export class Watchdog {
  readonly #limit: number
  readonly #bark: () => void
  #timer: ReturnType<typeof setTimeout>

  constructor(limit: number, bark: () => void) {
    this.#limit = limit
    this.#bark = bark
    this.#timer = setTimeout(bark, limit)
  }

  feed() {
    this.stop()
    this.#timer = setTimeout(this.#bark, this.#limit)
  }

  stop() {
    clearTimeout(this.#timer)
  }
}
