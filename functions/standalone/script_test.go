package standalone_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// TestProgram runs the scripts in testdata against the built program. Beside
// testscript's own commands they have
//
//	await URL PATTERN [NAME]   waits until the answer at the URL matches, and
//	                           keeps what the pattern's first group did in $NAME
//	replace FILE OLD NEW       replaces a text in a file
//
// and, in $ADDR, an address that is free to listen on, whose port is $PORT. At
// $TOLD there is somebody who takes notices: a GET shows their changes.
func TestProgram(t *testing.T) {
	t.Parallel()
	runScripts(t, testscript.Params{Dir: "testdata"})
}

// TestProgramOnCouchbase runs some of them, and those in testdata/couchbase, with
// everything kept in a stand-in for a Couchbase node. They also have
//
//	node stop|restart          ends the node's process, and starts it again
func TestProgramOnCouchbase(t *testing.T) {
	t.Parallel()
	runScripts(t, testscript.Params{
		Files: []string{"testdata/reload.txtar", "testdata/way.txtar", "testdata/couchbase/cluster.txtar"},
		Setup: func(env *testscript.Env) error {
			n, err := node.New(false)
			if err != nil {
				return err
			}
			env.Defer(n.Close)
			env.Values[nodeOf] = n
			for _, setting := range node.Settings(n) {
				name, value, _ := strings.Cut(setting, "=")
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"node": changeNode},
	})
}

// runScripts runs scripts with what all of them have, beside their own.
func runScripts(t *testing.T, p testscript.Params) {
	t.Helper()
	program := build(t, "functions/standalone/cmd")[0]
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "monitor")); err != nil {
		t.Fatal(err)
	}
	more := p.Setup
	p.Setup = func(env *testscript.Env) error {
		addr, release, err := freeAddr()
		env.Defer(release)
		_, port, _ := strings.Cut(addr, ":")
		told := httptest.NewServer(&notices{})
		env.Defer(told.Close)
		for name, value := range map[string]string{
			"PATH": bin + string(os.PathListSeparator) + env.Getenv("PATH"),
			"ADDR": addr, "PORT": port, "MONITOR_ADDR": addr, "TOLD": told.URL,
		} {
			env.Setenv(name, value)
		}
		if err == nil && more != nil {
			err = more(env)
		}
		return err
	}
	commands := map[string]func(*testscript.TestScript, bool, []string){"await": awaitText, "replace": replaceText}
	maps.Copy(commands, p.Cmds)
	p.Cmds = commands
	testscript.Run(t, p)
}

// nodeOf is where a script's environment has its node.
const nodeOf = "node"

func changeNode(ts *testscript.TestScript, _ bool, args []string) {
	n := ts.Value(nodeOf).(*couchbasetest.Node)
	switch strings.Join(args, " ") {
	case "stop":
		n.Stop()
	case "restart":
		ts.Check(n.Restart())
	default:
		ts.Fatalf("usage: node stop|restart")
	}
}

// notices takes every notice and shows what it was told, one change a line.
type notices struct {
	mu   sync.Mutex
	told []string
}

// ServeHTTP takes a notice by POST, and shows all of them by GET.
func (n *notices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var event struct{ Data struct{ Change string } }
	if r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&event) == nil {
		n.told = append(n.told, event.Data.Change)
		return
	}
	_, _ = fmt.Fprintln(w, "told:", strings.Join(n.told, " "))
}

func awaitText(ts *testscript.TestScript, negated bool, args []string) {
	if len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: await URL PATTERN [NAME]")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	last := ""
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		last = body(args[0])
		found := pattern.FindStringSubmatch(last)
		if last == "" || (found != nil) == negated {
			continue
		}
		if len(args) == 3 {
			ts.Setenv(args[2], found[1])
		}
		return
	}
	ts.Fatalf("%s never came to match %q; its last answer: %s", args[0], args[1], telltale(last, args[1]))
}

// telltale cuts an answer down to what tells why a pattern did not match: the
// lines that begin with its first word, as a metric's do, or else the beginning.
func telltale(answer, pattern string) string {
	word := regexp.MustCompile(`^\w*`).FindString(strings.TrimPrefix(pattern, "^"))
	lines := slices.DeleteFunc(strings.Split(answer, "\n"), func(line string) bool {
		return word == "" || !strings.HasPrefix(line, word)
	})
	if len(lines) > 0 {
		answer = strings.Join(lines, "\n")
	}
	const most = 500
	if len(answer) > most {
		return answer[:most] + " …"
	}
	return answer
}

func body(url string) string {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return string(text)
}

func replaceText(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}
