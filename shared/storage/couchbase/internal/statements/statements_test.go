package statements_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// elsewhere are the folders and files whose Go code may hold SQL, and why.
func elsewhere() map[string]string {
	return map[string]string{
		"shared/storage/sqlite":                                "statements of another engine",
		"shared/storage/couchbase/internal/statements":         "the registry",
		"shared/storage/couchbase/couchbasetest":               "the stand-in evaluates what it is sent on an engine of its own",
		"shared/storage/couchbase/internal/link/query_test.go": "a statement whose answer is too long to be true",
		"scripts/sabotage":                                     "texts of files that are broken on purpose",
	}
}

var (
	sql       = regexp.MustCompile("\\b(SELECT\\s|UPSERT\\s+INTO|INSERT\\s+INTO|DELETE\\s+FROM|MERGE\\s+INTO|UPDATE\\s+[a-z`]+\\s+SET|(CREATE|DROP|BUILD|ALTER)\\s+(PRIMARY\\s+)?INDEX|ORDER\\s+BY)")
	parameter = regexp.MustCompile(`\$(\w+)`)
	spliced   = regexp.MustCompile(`['"]|[=<>]\s*[\d-]|LIMIT\s+\d|%[a-z]`)
	from      = regexp.MustCompile(`\bFROM (\w+)\b`)
)

func TestStatementsStandOnlyHere(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		_, allowed := elsewhere()[filepath.ToSlash(name)]
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (allowed || entry.Name() == "node_modules" || len(entry.Name()) > 1 && strings.HasPrefix(entry.Name(), ".") && name != "."):
			return filepath.SkipDir
		case !allowed && strings.HasSuffix(name, ".go"):
			files++
			lookForSQL(t, path, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("got %d files looked at, want those of the whole tree", files)
	}
}

// lookForSQL reports every text of the file that looks like a statement.
func lookForSQL(t *testing.T, path, name string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && sql.MatchString(text) {
			t.Errorf("%s: got the statement %q, want it in the registry", name, text)
		}
		return true
	})
}

func TestEveryStatement(t *testing.T) {
	t.Parallel()
	indexes := map[string]statements.Index{}
	for _, index := range statements.Indexes() {
		indexes[index.Name] = index
	}
	names := map[string]bool{}
	for _, s := range statements.All() {
		if names[s.Name] || s.Name == "" {
			t.Errorf("%q: got the name twice or none, want each once", s.Name)
		}
		names[s.Name] = true
		if s.Timeout <= 0 {
			t.Errorf("%s: got no bound of time, want one", s.Name)
		}
		if at := spliced.FindString(s.Text); at != "" {
			t.Errorf("%s: got %q in the text, want a parameter for each value", s.Name, at)
		}
		holdParameters(t, s)
		if index, ok := indexes[s.Index]; !ok {
			t.Errorf("%s: got index %q, want one that is made", s.Name, s.Index)
		} else {
			holdIndex(t, s, index)
		}
	}
	if len(names) < 6 {
		t.Errorf("got %d statements, want those of every list of incidents", len(names))
	}
}

// holdParameters wants the parameters that are declared to be those of the text.
func holdParameters(t *testing.T, s statements.Statement) {
	t.Helper()
	var used []string
	for _, match := range parameter.FindAllStringSubmatch(s.Text, -1) {
		used = append(used, match[1])
	}
	slices.Sort(used)
	used = slices.Compact(used)
	if declared := slices.Sorted(slices.Values(s.Params)); !slices.Equal(used, declared) {
		t.Errorf("%s: got parameters %v declared, want those of the text, %v", s.Name, declared, used)
	}
}

// holdIndex wants the statement to read the index's collection, to name nothing
// that the index lacks, and to repeat what a partial index is chosen by: no other
// predicate makes the server take it.
func holdIndex(t *testing.T, s statements.Statement, index statements.Index) {
	t.Helper()
	if got := from.FindStringSubmatch(s.Text); got == nil || got[1] != index.Collection {
		t.Errorf("%s: got an index of %s, want one of what is read: %v", s.Name, index.Collection, got)
	}
	plain := strings.ReplaceAll(s.Text, "`", "")
	for _, match := range regexp.MustCompile(`\bi\.(\w+)`).FindAllStringSubmatch(plain, -1) {
		if !regexp.MustCompile(`\b` + match[1] + `\b`).MatchString(index.Keys) {
			t.Errorf("%s: got column %s, want it in %s, which would have to read each document", s.Name, match[1], index.Name)
		}
	}
	if index.Where != "" && !strings.Contains(plain, "i."+index.Where) {
		t.Errorf("%s: got no %q, want it for the partial index %s", s.Name, index.Where, index.Name)
	}
	lead, _, _ := strings.Cut(strings.ReplaceAll(index.Keys, "`", ""), ",")
	lead = strings.TrimSuffix(lead, " DESC")
	if lead != "started" && !strings.Contains(plain, "i."+lead+" = $") {
		t.Errorf("%s: got no value for %s, want one for the first key of %s", s.Name, lead, index.Name)
	}
}
