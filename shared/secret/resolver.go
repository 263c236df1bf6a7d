package secret

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxBytes is the largest secret.
const maxBytes = 64 << 10

// Resolver finds secrets in environment variables and in files.
type Resolver struct {
	Env func(name string) (string, bool) // os.LookupEnv in programs; nil: no variables
	Dir string                           // the folder of the files (MONITOR_SECRETS); "": no files
}

// Resolve returns the text with its references filled in. A missing secret and
// a malformed reference are Invalid, a file that cannot be read is Unavailable.
// An error never holds a value.
func (r Resolver) Resolve(namespace, text string) (string, error) {
	filled, _, err := r.Reveal(namespace, text)
	return filled, err
}

// Reveal is Resolve that also returns the values it filled in, so that a
// caller can keep them out of what it reports.
func (r Resolver) Reveal(namespace, text string) (filled string, values []string, err error) {
	filled, err = expand(text, func(name string) (string, error) {
		value, err := r.value(namespace, name)
		values = append(values, value)
		return value, err
	})
	if err != nil {
		return "", nil, err
	}
	return filled, values, nil
}

// Check returns nil if the named secret is there, else what Resolve says of a
// reference to it.
func (r Resolver) Check(namespace, name string) error {
	_, err := r.Resolve(namespace, "${"+name+"}")
	return err
}

func (r Resolver) value(namespace, name string) (string, error) {
	if !monitor.ValidID(namespace) || namespace == "." || namespace == ".." {
		return "", monitor.Errorf(monitor.Invalid, "the secret ${%s} cannot be looked up: %q is no namespace", name, namespace)
	}
	variable := Variable(namespace, name)
	if r.Env != nil {
		if value, _ := r.Env(variable); value != "" {
			return value, nil
		}
	}
	value, err := r.file(namespace, name)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", monitor.Wrap(monitor.Unavailable, err, "the secret ${%s} cannot be read", name)
	case value == "":
		return "", monitor.Errorf(monitor.Invalid,
			"the secret ${%s} is missing: set the environment variable %s, or write it to the file %s/%s in the folder that MONITOR_SECRETS names",
			name, variable, namespace, name)
	}
	return value, nil
}

// file reads a secret. The folder is opened as a root, so that neither a name
// nor a link leads out of it.
func (r Resolver) file(namespace, name string) (string, error) {
	if r.Dir == "" {
		return "", fs.ErrNotExist
	}
	root, err := os.OpenRoot(r.Dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	file, err := root.Open(path.Join(namespace, name))
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxBytes {
		return "", monitor.Errorf(monitor.Invalid, "it must be at most %d bytes", maxBytes)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// Variable returns the environment variable that may hold a secret.
func Variable(namespace, name string) string {
	namespace = strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(namespace))
	return "MONITOR_SECRET_" + namespace + "_" + name
}
