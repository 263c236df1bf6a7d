/**
 * The admin token of this page. It lives in memory only: a reload asks for it
 * again, and no other script, tab or later user of the browser finds it.
 */
export class Session {
  #token: string | undefined
  #refused = false
  #ended = false
  readonly #listeners = new Set<() => void>()

  /** Whether the server has refused a request for want of a valid token. */
  readonly refused = () => this.#refused

  /** Whether the server refused a token that it had accepted before. */
  readonly ended = () => this.#ended

  /** Whether a token is held. */
  readonly signedIn = () => this.#token !== undefined

  /** The request headers that prove who is asking. */
  headers(): Record<string, string> {
    return this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }
  }

  signIn(token: string) {
    this.#token = token
    this.#refused = false
    this.#ended = false
    this.#notify()
  }

  /** Forgets the token because the user wants it; the page shows the sign-in form. */
  signOut() {
    this.#token = undefined
    this.refuse()
  }

  /** Forgets the token because the server refused it; the page shows the sign-in form. */
  refuse() {
    this.#ended ||= this.#token !== undefined
    this.#token = undefined
    this.#refused = true
    this.#notify()
  }

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify() {
    for (const listener of this.#listeners) listener()
  }
}
