package standalone_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestProgram runs the scripts in testdata against the built program. Beside
// testscript's own commands they have
//
//	await URL TEXT   waits until the answer at the URL holds the text
//	replace FILE OLD NEW   replaces a text in a file
//
// and, in $ADDR, an address that is free to listen on, whose port is $PORT.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := build(t, "functions/standalone/cmd")[0]
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "monitor")); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("ADDR", listener.Addr().String())
			_, port, _ := net.SplitHostPort(listener.Addr().String())
			env.Setenv("PORT", port)
			env.Setenv("MONITOR_ADDR", listener.Addr().String())
			return listener.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": awaitText, "replace": replaceText},
	})
}

func awaitText(ts *testscript.TestScript, negated bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: await URL TEXT")
	}
	deadline := time.Now().Add(time.Minute)
	last := ""
	for time.Now().Before(deadline) {
		last = body(args[0])
		if last != "" && strings.Contains(last, args[1]) != negated {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	ts.Fatalf("%s never came to say %q; its last answer: %s", args[0], args[1], last)
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
