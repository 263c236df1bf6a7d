// Package redact makes what people may read of an answer: the beginning of its
// body, out of which is taken every secret that the request was filled in with,
// in each form in which answers are known to repeat them, and also what looks
// like a secret though nobody said that it is one.
package redact
