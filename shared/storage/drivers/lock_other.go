//go:build !unix

package drivers

import "os"

// lock trusts people where files have no locks that end with the process.
func lock(*os.File) error { return nil }
