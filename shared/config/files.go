package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxFile is the largest file, in bytes: some 10,000 endpoints with all that
// can be said of them.
const maxFile = 16 << 20

// source is one file, or what is wrong with it.
type source struct {
	name        string
	data        []byte
	fault, hint string
}

// read returns the file at path, or the *.yaml files of the folder at path by
// name. Hidden files are left out.
func read(path string) ([]source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return readAll([]string{path})
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var names []string
	var misnamed []source
	for _, entry := range entries {
		name := filepath.Join(path, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case strings.HasSuffix(entry.Name(), ".yaml"):
			names = append(names, name)
		case strings.HasSuffix(entry.Name(), ".yml"):
			misnamed = append(misnamed, source{
				name: name, fault: "only files that end in .yaml are read", hint: "rename it to " + strings.TrimSuffix(entry.Name(), ".yml") + ".yaml",
			})
		}
	}
	sources, err := readAll(names)
	if err == nil && len(sources)+len(misnamed) == 0 {
		misnamed = []source{{name: path, fault: "there is no *.yaml file in the folder", hint: "write one, or set MONITOR_FILE"}}
	}
	return append(sources, misnamed...), err
}

func readAll(names []string) ([]source, error) {
	sources := make([]source, 0, len(names))
	for _, name := range names {
		next, err := readFile(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		sources = append(sources, next)
	}
	return sources, nil
}

func readFile(name string) (source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return source{}, err
	}
	if !info.Mode().IsRegular() {
		return source{name: name, fault: "this is no regular file"}, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return source{}, err
	}
	defer func() { _ = file.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxFile)+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(file, maxFile+1)); err != nil {
		return source{}, err
	}
	if data.Len() > maxFile {
		return source{
			name: name, fault: fmt.Sprintf("the file must be at most %d MiB", maxFile>>20), hint: "spread it over a folder of *.yaml files",
		}, nil
	}
	return source{name: name, data: data.Bytes()}, nil
}

func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return monitor.Wrap(monitor.NotFound, err, "there is no %s: write it, or set MONITOR_FILE", path)
	}
	return monitor.Wrap(monitor.Unavailable, err, "cannot read %s", path)
}
