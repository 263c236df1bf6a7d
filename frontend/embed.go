// Package frontend holds the built dashboard, so that one binary serves it.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the dashboard's files with index.html at the root. Assets have
// .br and .gz neighbours with the same content compressed. A binary that was
// built without the dashboard has no index.html.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist
	}
	return files
}
