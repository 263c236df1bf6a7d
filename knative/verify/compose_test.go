package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

const root = "../.."

// composed reads a Compose file as Docker Compose does: by the schema of the
// specification, and with all that its parts say of one another.
func composed(t *testing.T, text []byte) (*types.Project, error) {
	t.Helper()
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  filepath.Join(root, "scripts"),
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: text}},
	}, func(o *loader.Options) { o.SetProjectName("monitor", false) })
}

func composeFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "scripts", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCompose(t *testing.T) {
	t.Parallel()
	project, err := composed(t, composeFile(t))
	if err != nil {
		t.Fatal(err)
	}
	verbs := append(slices.Collect(maps.Keys(events.Flows())), "query")
	want := slices.Sorted(slices.Values(append(verbs, "kafka", "topics")))
	if got := slices.Sorted(maps.Keys(project.Services)); !slices.Equal(got, want) {
		t.Fatalf("services: got %v, want %v", got, want)
	}
	for _, verb := range verbs {
		t.Run(verb+" is built from its package, and waits for the topics", func(t *testing.T) {
			t.Parallel()
			service := project.Services[verb]
			if got, want := built(service), "./functions/"+verb+"/cmd"; got != want {
				t.Errorf("got the package %s, want %s", got, want)
			}
			if got := service.DependsOn["topics"].Condition; got != types.ServiceConditionCompletedSuccessfully {
				t.Errorf("got the condition %q for its start, want that the topics are there", got)
			}
			if events := service.Environment["MONITOR_EVENTS"]; events == nil || *events != "kafka" {
				t.Errorf("got another way of events than kafka")
			}
		})
	}
	t.Run("the broker is of the version that is tested", func(t *testing.T) {
		t.Parallel()
		source, err := os.ReadFile(filepath.Join(root, "scripts", "kafka", "broker", "artifacts.go"))
		if err != nil {
			t.Fatal(err)
		}
		_, version, _ := strings.Cut(project.Services["kafka"].Image, "apache/kafka:")
		if want := fmt.Sprintf("const Version = %q\n", version); !bytes.Contains(source, []byte(want)) {
			t.Errorf("got the version %q, and the tests run another one", version)
		}
	})
	t.Run("each variable is a setting", func(t *testing.T) {
		t.Parallel()
		readme, err := os.ReadFile(filepath.Join(root, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		for name, service := range project.Services {
			for variable := range service.Environment {
				if strings.HasPrefix(variable, "MONITOR_") && !bytes.Contains(readme, []byte("\n| `"+variable+"` |")) {
					t.Errorf("%s: the README knows no setting %s", name, variable)
				}
			}
		}
	})
}

func built(service types.ServiceConfig) string {
	if service.Build == nil || service.Build.Args["PACKAGE"] == nil {
		return "of no argument"
	}
	return *service.Build.Args["PACKAGE"]
}

// TestComposeRefuses shows that a file which Compose would not take is refused.
func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"a field that there is none of":        {"stop_grace_period:", "stop_grace_time:"},
		"a volume that is not defined":         {"  kafka: {}\n", ""},
		"a service that is waited for in vain": {"    depends_on:\n      kafka: {", "    depends_on:\n      kafkas: {"},
		"definitions that are not there":       {"{source: definitions,", "{source: definition,"},
		"a value of another kind":              {"retries: 24", "retries: often"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := bytes.Replace(composeFile(t), []byte(change[0]), []byte(change[1]), 1)
			if bytes.Equal(text, composeFile(t)) {
				t.Fatalf("the file has no %q", change[0])
			}
			if _, err := composed(t, text); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}
