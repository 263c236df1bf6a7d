// Package verify holds the manifests to Knative's own types, and our reading of
// their filters to Knative's own code. It is a module of its own, so that the
// product does not depend on Knative: run `go test ./...` in this folder.
package verify
