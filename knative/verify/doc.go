// Package verify holds the manifests to Knative's own types, and our reading of
// their filters to Knative's own code; and scripts/compose.yaml to what Docker
// Compose reads. It is a module of its own, so that the product depends on
// neither: run `go test ./...` in this folder.
package verify
