// Package serve hosts one function over HTTP, as Knative calls it: events come
// in by POST, events go out by POST to the broker's address (K_SINK).
//
// What it promises:
//
//   - The answer is 2xx with an empty body once the handler has returned nil,
//     and never before. A Knative broker takes any other body for an event.
//   - An error is answered with the status that makes the broker do what the
//     error's code asks for, a short text, and the code in the header
//     kne-reason, which ends up in dead letters. None of it is secret.
//   - A panic is an internal error. Requests are bounded in size and number.
//   - At the end readiness fails first; then what is in hand is finished within
//     a bound.
package serve
