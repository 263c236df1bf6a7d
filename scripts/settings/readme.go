package main

import (
	"fmt"
	"os"
	"strings"
)

// The marks between which the table stands in the README.
const (
	opening = "<!-- settings: written by go tool task generate -->\n"
	closing = "<!-- /settings -->\n"
)

// rewrite puts the table between the marks of the file.
func rewrite(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, opened := strings.Cut(string(text), opening)
	_, after, closed := strings.Cut(rest, closing)
	if !opened || !closed {
		return fmt.Errorf("%s lacks the marks %q and %q", path, strings.TrimSpace(opening), strings.TrimSpace(closing))
	}
	return os.WriteFile(path, []byte(before+opening+table+closing+after), 0o644)
}
