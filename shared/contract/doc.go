// Package contract holds what programs in any language need to take part in the
// monitor's events: an AsyncAPI 3 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0)
// and a JSON Schema, draft-07, of each event type's data.
//
// It can hold records against them, which is for tests: the functions check
// what they take by themselves. Tests keep the documents equal to the code: the
// fields of the types, their words, the topics, the groups, and who takes and
// emits what.
package contract

import "embed"

// Files holds the documents: asyncapi.yaml, and schemas/<event type>.json.
//
//go:embed asyncapi.yaml schemas
var Files embed.FS
