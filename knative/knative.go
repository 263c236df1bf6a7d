// Package knative embeds the manifests that wire the functions. They are the
// only wiring: a cluster applies them as they are, and the other hosts read
// them through package topology.
package knative

import "embed"

// Files holds the manifests.
//
//go:embed *.yaml
var Files embed.FS
