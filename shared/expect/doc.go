// Package expect compiles what people expect of an answer, once, and then
// holds answers to it.
//
// A CEL expression (https://github.com/google/cel-spec) sees these variables:
//
//   - status: int.
//   - headers: map of lower-case name -> list of values.
//   - body: string.
//   - json: the body as JSON. Numbers are doubles; they compare with ints.
//   - latency: duration, from the start of the check to the answer's last byte.
//   - certificate: duration, for how long the peer's certificates are valid still.
//
// What an answer does not have (a body that is no JSON, a certificate over
// plain HTTP) is an error where the expression needs it, and so an expectation
// that was missed. An expression is bounded in length and in the cost of one
// evaluation.
package expect
