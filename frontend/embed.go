// Package frontend holds the built dashboard, so that one binary serves it.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist unbuilt
var embedded embed.FS

// Files returns the dashboard's files with index.html at the root. Assets have
// .br and .gz neighbours with the same content compressed. A binary that was
// built without the dashboard gets one page that says how to build it.
func Files() fs.FS {
	root := "dist"
	if _, err := fs.Stat(embedded, "dist/index.html"); err != nil {
		root = "unbuilt"
	}
	files, err := fs.Sub(embedded, root)
	if err != nil {
		return embedded
	}
	return files
}
