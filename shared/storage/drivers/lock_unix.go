//go:build unix

package drivers

import (
	"os"
	"syscall"
)

// lockAlone takes the file until it is closed, and fails at once if another
// process has it.
func lockAlone(file *os.File) error { return lock(file, syscall.LOCK_EX) }

// lockShared takes the file beside others that share it, and fails at once if one
// has it alone.
func lockShared(file *os.File) error { return lock(file, syscall.LOCK_SH) }

func lock(file *os.File, how int) error {
	return syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
}
