package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
)

func env(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, found := pairs[name]
		return value, found
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "shop", "FILE"), "from a file\n")
	write(t, filepath.Join(dir, "shop", "TOKEN"), "the variable wins")
	write(t, filepath.Join(dir, "OUTSIDE"), "not of any namespace")
	resolver := secret.Resolver{Dir: dir, Env: env(map[string]string{
		"MONITOR_SECRET_SHOP_TOKEN": "s3cr3t",
		"MONITOR_SECRET_A_B_C_KEY":  "abc",
		"MONITOR_SECRET_SHOP_EMPTY": "",
		"HOME":                      "/root",
	})}
	tests := map[string]struct {
		namespace, text string
		want            string // or, if code is set, a part of the error
		code            monitor.Code
	}{
		"text without a reference stays as it is":    {"shop", "plain", "plain", ""},
		"a reference is filled in":                   {"shop", "Bearer ${TOKEN}", "Bearer s3cr3t", ""},
		"several references are":                     {"shop", "${TOKEN}${TOKEN}-${FILE}", "s3cr3ts3cr3t-from a file", ""},
		"hyphens and dots become underscores":        {"a-b.c", "${KEY}", "abc", ""},
		"two dollar signs are one":                   {"shop", "$$5 and $${TOKEN}", "$5 and ${TOKEN}", ""},
		"a dollar sign alone stands for itself":      {"shop", "query($id) costs 5$", "query($id) costs 5$", ""},
		"an unclosed reference is refused":           {"shop", "a ${TOKEN", "not closed", monitor.Invalid},
		"a name in small letters is refused":         {"shop", "${token}", "names no secret", monitor.Invalid},
		"a path as a name is refused":                {"shop", "${../OUTSIDE}", "names no secret", monitor.Invalid},
		"a missing secret names the variable":        {"shop", "${GONE}", "MONITOR_SECRET_SHOP_GONE", monitor.Invalid},
		"a missing secret names the file":            {"shop", "${GONE}", "shop/GONE", monitor.Invalid},
		"an empty secret is a missing one":           {"shop", "${EMPTY}", "missing", monitor.Invalid},
		"variables of the process are out of reach":  {"shop", "${HOME}", "missing", monitor.Invalid},
		"another namespace's secret is out of reach": {"other", "${TOKEN}", "missing", monitor.Invalid},
		"the namespace .. leads nowhere":             {"..", "${OUTSIDE}", "is no namespace", monitor.Invalid},
		"the namespace . leads nowhere":              {".", "${OUTSIDE}", "is no namespace", monitor.Invalid},
		"a namespace with a slash leads nowhere":     {"shop/..", "${OUTSIDE}", "is no namespace", monitor.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := resolver.Resolve(test.namespace, test.text)
			if test.code != "" {
				if !errors.Is(err, test.code) || !strings.Contains(err.Error(), test.want) || got != "" {
					t.Fatalf("got %q, %v, want an error %s with %q", got, err, test.code, test.want)
				}
				return
			}
			if err != nil || got != test.want {
				t.Fatalf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestResolveFile(t *testing.T) {
	t.Parallel()
	t.Run("a link that leads out of the folder is not followed", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		outside := filepath.Join(t.TempDir(), "passwd")
		write(t, outside, "hidden")
		if err := os.MkdirAll(filepath.Join(dir, "shop"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, filepath.Join(dir, "shop", "LINK")); err != nil {
			t.Fatal(err)
		}
		got, err := secret.Resolver{Dir: dir}.Resolve("shop", "${LINK}")
		if err == nil || got != "" || strings.Contains(err.Error(), "hidden") {
			t.Fatalf("got %q, %v, want an error", got, err)
		}
	})
	t.Run("a link within the folder is, as mounted secrets need it", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, filepath.Join(dir, "shop", "..data", "TOKEN"), "mounted")
		if err := os.Symlink(filepath.Join("..data", "TOKEN"), filepath.Join(dir, "shop", "TOKEN")); err != nil {
			t.Fatal(err)
		}
		if got, err := (secret.Resolver{Dir: dir}).Resolve("shop", "${TOKEN}"); err != nil || got != "mounted" {
			t.Fatalf("got %q, %v, want %q", got, err, "mounted")
		}
	})
	t.Run("a file that is too large is refused without its content", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, filepath.Join(dir, "shop", "BIG"), strings.Repeat("x", 70_000))
		_, err := secret.Resolver{Dir: dir}.Resolve("shop", "${BIG}")
		if err == nil || strings.Contains(err.Error(), "xx") {
			t.Fatalf("got %v, want an error without the content", err)
		}
	})
}

func TestReveal(t *testing.T) {
	t.Parallel()
	resolver := secret.Resolver{Env: env(map[string]string{"MONITOR_SECRET_SHOP_A": "one", "MONITOR_SECRET_SHOP_B": "two"})}
	filled, values, err := resolver.Reveal("shop", "${A}:${B}")
	if err != nil || filled != "one:two" {
		t.Fatalf("got %q, %v, want %q", filled, err, "one:two")
	}
	if diff := cmp.Diff([]string{"one", "two"}, values); diff != "" {
		t.Fatalf("values (-want +got):\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	names, err := secret.Names("${B}/${A}/$${C}/${B}/$D")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"B", "A"}, names); diff != "" {
		t.Fatalf("names (-want +got):\n%s", diff)
	}
	if _, err := secret.Names("${"); !errors.Is(err, monitor.Invalid) {
		t.Fatalf("got %v, want %v", err, monitor.Invalid)
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("shop", "Bearer ${TOKEN} $$ ${", "x")
	f.Fuzz(func(t *testing.T, namespace, text, value string) {
		if len(value) < 4 || strings.Contains(text, value) {
			t.Skip()
		}
		asked := ""
		resolver := secret.Resolver{Env: func(name string) (string, bool) {
			asked = name
			return value, strings.HasSuffix(name, "_TOKEN")
		}}
		_, err := resolver.Resolve(namespace, text)
		if asked != "" && !strings.HasPrefix(asked, "MONITOR_SECRET_") {
			t.Fatalf("got a look-up of %q, want only MONITOR_SECRET_…", asked)
		}
		if err != nil && !errors.Is(err, monitor.Invalid) {
			t.Fatalf("got %v, want an invalid one", err)
		}
	})
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
