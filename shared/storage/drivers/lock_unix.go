//go:build unix

package drivers

import (
	"os"
	"syscall"
)

// lock takes the file until it is closed, and fails at once if another process
// has it.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
