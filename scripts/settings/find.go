package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// setting is one field of a settings struct.
type setting struct {
	Name     string
	Default  string
	Required bool
	Meaning  string
	Reader   string // who reads it: see reader
	Struct   string // that declares it, as package.Struct
	Function bool   // a function's own struct declares it
}

// find returns the settings that the packages below the folders declare, each
// once for every function that reads it.
func find(folders ...string) ([]setting, error) {
	var all declared
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			return all.read(filepath.ToSlash(path))
		})
		if err != nil {
			return nil, err
		}
	}
	return all.settings(), nil
}

// declared is what the structs of all files say.
type declared struct {
	found []setting           // with the struct that declares them
	users map[string][]string // readers, and structs of shared packages, by the struct that they take over, as package.Struct
}

// settings names those who read what a struct declares: its own function, and the
// functions, and the host of all of them, that have it as a field. What nobody has is
// no setting yet.
func (d *declared) settings() []setting {
	var all []setting
	for _, s := range d.found {
		users := d.readers(s.Struct, nil)
		if (s.Function || len(users) == 0) && s.Reader != nobody && !slices.Contains(users, s.Reader) {
			users = append(users, s.Reader)
		}
		for _, user := range users {
			s.Reader = user
			all = append(all, s)
		}
	}
	return all
}

// readers returns who takes the struct over, be it as a part of other structs, of
// which above are those on the way to it.
func (d *declared) readers(name string, above []string) []string {
	var all []string
	for _, user := range d.users[name] {
		switch {
		case !strings.Contains(user, "."):
			all = append(all, user)
		case !slices.Contains(above, user):
			all = append(all, d.readers(user, append(above, name))...)
		}
	}
	return all
}

func (d *declared) read(path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok {
			if fields, ok := spec.Type.(*ast.StructType); ok {
				d.fields(path, file.Name.Name+"."+spec.Name.Name, fields)
			}
		}
		return true
	})
	return nil
}

func (d *declared) fields(path, name string, fields *ast.StructType) {
	for _, field := range fields.Fields.List {
		if taken, ok := field.Type.(*ast.SelectorExpr); ok {
			d.use(fmt.Sprint(taken.X)+"."+taken.Sel.Name, cmp.Or(reader(path), name))
		}
		if field.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			continue
		}
		tags := reflect.StructTag(tag)
		if env := tags.Get("envconfig"); env != "" {
			d.found = append(d.found, setting{
				Name: env, Default: tags.Get("default"), Required: tags.Get("required") == "true",
				Meaning: tags.Get("desc"), Reader: reader(path), Struct: name, Function: isFunction(path),
			})
		}
	}
}

func (d *declared) use(name, user string) {
	if d.users == nil {
		d.users = map[string][]string{}
	}
	if !slices.Contains(d.users[name], user) {
		d.users[name] = append(d.users[name], user)
	}
}

func isFunction(path string) bool { return strings.HasPrefix(path, "functions/") }

// nobody is the reader of what a shared package declares, until functions take
// it over by name.
const nobody = ""

// reader names who reads the settings that a file declares: the function of
// its folder, functions for what every function as a process of its own reads,
// and nobody for what must be taken over by name.
func reader(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case isFunction(path):
		return parts[1]
	case parts[1] == "host":
		return "functions"
	default:
		return nobody
	}
}
