package main

import (
	"io/fs"
	"os"
	"strings"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// functions are the addresses of the functions by name.
type functions map[string]string

// Decode reads name=url,name=url.
func (f *functions) Decode(text string) error {
	*f = functions{}
	for part := range strings.SplitSeq(text, ",") {
		name, address, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return monitor.Errorf(monitor.Invalid, "must be name=url,name=url, got %q", part)
		}
		(*f)[name] = address
	}
	return nil
}

func (s settings) manifests() fs.FS {
	if s.Knative == "" {
		return knative.Files
	}
	return os.DirFS(s.Knative)
}
