// Package events holds what travels between the functions: CloudEvents 1.0
// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) with
// JSON data, and the one type that every function has: Handler.
//
// An Event may carry its data decoded beside the bytes, so that within one
// process nothing is encoded or decoded twice. Whoever gets a decoded value
// shares it with others and must not change it.
package events
