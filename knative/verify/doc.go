// Package verify holds the manifests to Knative's own types, and our reading of
// their filters to Knative's own code; the Job that prepares Couchbase to
// Kubernetes' types; and scripts/compose.yaml to what Docker Compose reads. It is
// a module of its own, so that the product depends on none of them: run
// `go test ./...` in this folder.
package verify
