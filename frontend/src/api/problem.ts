import type { Problem } from './types'

/** A request that failed, with a message that says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The HTTP status; 0 when no answer came. */
  readonly status: number
  /** The server's code of the fault, for example "unavailable". */
  readonly code: string

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
    this.code = code
  }
}

/** The error of a request that got no answer at all. */
export function noAnswer(cause: unknown): ApiError {
  return new ApiError(
    0,
    'unreachable',
    'The monitor does not answer. Check that it runs, then try again.',
    cause,
  )
}

/** The error of an answer that is not a success: RFC 9457, or whatever a proxy made of it. */
export function problemError(status: number, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>
  const message = problem.detail ?? problem.title ?? `The monitor answered with HTTP ${status}.`
  return new ApiError(status, problem.code ?? 'internal', message)
}

/** What is the matter, in a few words, for the head of a page that shows nothing else. */
export function errorTitle(error: unknown): string {
  if (!(error instanceof ApiError)) return 'The page failed'
  if (error.status === 0) return 'The monitor does not answer'
  if (error.status === 403) return 'This is not allowed'
  if (error.status === 404) return 'There is no such thing'
  return error.status >= 500 ? 'The monitor has a fault' : 'The monitor refused this'
}

/** The message of any error, for people. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
