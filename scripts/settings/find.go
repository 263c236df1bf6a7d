package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
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
}

// find returns the settings that the packages below the folders declare.
func find(folders ...string) ([]setting, error) {
	var found []setting
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			settings, err := read(path)
			found = append(found, settings...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func read(path string) ([]setting, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []setting
	ast.Inspect(file, func(node ast.Node) bool {
		field, ok := node.(*ast.Field)
		if !ok || field.Tag == nil {
			return true
		}
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			return true
		}
		tags := reflect.StructTag(tag)
		if name := tags.Get("envconfig"); name != "" {
			found = append(found, setting{
				Name: name, Default: tags.Get("default"), Required: tags.Get("required") == "true",
				Meaning: tags.Get("desc"), Reader: reader(filepath.ToSlash(path)),
			})
		}
		return true
	})
	return found, nil
}

// reader names who reads the settings that a file declares: the function of
// its folder, functions for what every function as a process of its own reads,
// and all for what standalone reads too.
func reader(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case parts[0] == "functions":
		return parts[1]
	case parts[1] == "host":
		return "functions"
	default:
		return "all"
	}
}
