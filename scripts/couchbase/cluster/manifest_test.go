package cluster_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// job is what is read of the manifest: the container's arguments and variables.
type job struct {
	Spec struct {
		Template struct {
			Spec struct {
				Containers []struct {
					Args []string
					Env  []struct{ Name string }
				}
			}
		}
	}
}

// TestManifest holds the Job to the command and its settings.
func TestManifest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "knative", "couchbase", "migrate.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var read job
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	containers := read.Spec.Template.Spec.Containers
	if len(containers) != 1 || !slices.Equal(containers[0].Args, []string{"migrate"}) || len(containers[0].Env) < 4 {
		t.Fatalf("got %+v, want one container that migrates, with its settings", containers)
	}
	known := settingsOf(reflect.TypeFor[couchbase.Settings]())
	for _, variable := range containers[0].Env {
		if !slices.Contains(known, variable.Name) {
			t.Errorf("got the variable %s, want one of %q", variable.Name, known)
		}
	}
}

// settingsOf returns the environment variables that a struct of settings reads.
func settingsOf(of reflect.Type) []string {
	var names []string
	for field := range of.Fields() {
		if field.Type.Kind() == reflect.Struct {
			names = append(names, settingsOf(field.Type)...)
		}
		if name := field.Tag.Get("envconfig"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
