package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const head = "| Setting | Default | Meaning | Read by |\n|---|---|---|---|\n"

func TestSettings(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "settings")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	tests := map[string]struct {
		sources map[string]string
		want    string
		wantErr string
	}{
		"settings stand by name, each with its readers": {
			sources: map[string]string{
				"functions/alert/cmd/main.go": `package main; type s struct { A string ` + "`envconfig:\"A\" desc:\"a | b\"`" + ` }`,
				"functions/probe/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" default:\"2\" desc:\"second\"`" + ` }`,
				"functions/store/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" default:\"2\" desc:\"second\"`" + ` }`,
				"shared/host/host.go":         `package host; type s struct { C string ` + "`envconfig:\"C\" desc:\"third\"`" + ` }`,
			},
			want: head + "| `A` | – | a \\| b | alert |\n| `B` | `2` | second | probe, store |\n| `C` | – | third | functions |\n",
		},
		"a struct that functions take over is read by those": {
			sources: map[string]string{
				"functions/probe/cmd/main.go": `package main; type s struct { secret.Folder }`,
				"functions/store/cmd/main.go": `package main; type s struct { Kept secret.Folder }`,
				"shared/secret/folder.go":     `package secret; type Folder struct { A string ` + "`envconfig:\"A\" desc:\"x\"`" + ` }`,
			},
			want: head + "| `A` | – | x | probe, store |\n",
		},
		"a struct in one that functions take over is read by those": {
			sources: map[string]string{
				"functions/store/cmd/main.go": `package main; type s struct { Kept drivers.Settings }`,
				"shared/drivers/drivers.go":   `package drivers; type Settings struct { Cluster cluster.Settings }`,
				"shared/cluster/cluster.go":   `package cluster; type Settings struct { Link link.Settings; A string ` + "`envconfig:\"A\" desc:\"x\"`" + ` }`,
				"shared/cluster/link/link.go": `package link; type Settings struct { Of cluster.Settings; B string ` + "`envconfig:\"B\" desc:\"y\"`" + ` }`,
			},
			want: head + "| `A` | – | x | store |\n| `B` | – | y | store |\n",
		},
		"a struct that the host takes over is read by all functions": {
			sources: map[string]string{
				"functions/standalone/app.go": `package standalone; type Settings struct { Folder secret.Folder }`,
				"shared/host/host.go":         `package host; type s struct { secret.Folder }`,
				"shared/secret/folder.go":     `package secret; type Folder struct { A string ` + "`envconfig:\"A\" desc:\"x\"`" + ` }`,
			},
			want: head + "| `A` | – | x | functions, standalone |\n",
		},
		"a struct that no function takes over is left out": {
			sources: map[string]string{
				"shared/secret/folder.go": `package secret; type Folder struct { A string ` + "`envconfig:\"A\" desc:\"x\"`" + ` }`,
			},
			want: head,
		},
		"a default that differs is shown for each reader": {
			sources: map[string]string{
				"functions/probe/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" default:\"2\" desc:\"x\"`" + ` }`,
				"functions/store/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" required:\"true\" desc:\"x\"`" + ` }`,
			},
			want: head + "| `B` | `2` (probe), required (store) | x | probe, store |\n",
		},
		"a setting without a meaning is an error": {
			sources: map[string]string{
				"functions/probe/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\"`" + ` }`,
			},
			wantErr: "B has no desc tag where probe reads it: say what it means",
		},
		"a setting with two meanings is an error": {
			sources: map[string]string{
				"functions/probe/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" desc:\"x\"`" + ` }`,
				"functions/store/cmd/main.go": `package main; type s struct { B int ` + "`envconfig:\"B\" desc:\"y\"`" + ` }`,
			},
			wantErr: `B means "x" to probe and "y" to store: use one text`,
		},
		"tests declare no settings": {
			sources: map[string]string{
				"functions/probe/a_test.go": `package probe; type s struct { B int ` + "`envconfig:\"B\" desc:\"x\"`" + ` }`,
			},
			want: head,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), program)
			command.Dir = tree(t, tt.sources)
			var complaints strings.Builder
			command.Stderr = &complaints
			got, err := command.Output()
			if (err != nil) != (tt.wantErr != "") || !strings.Contains(complaints.String(), tt.wantErr) {
				t.Fatalf("got error %v %q, want %q", err, complaints.String(), tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
}

// tree writes the files, and the folders that the program walks, into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	top := t.TempDir()
	for _, folder := range []string{"functions", "shared"} {
		if err := os.Mkdir(filepath.Join(top, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range files {
		path = filepath.Join(top, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return top
}
