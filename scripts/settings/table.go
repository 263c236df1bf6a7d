package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// render returns the settings as a Markdown table, sorted by name. A setting
// without a meaning, or with two, is an error.
func render(found []setting) (string, error) {
	byName := map[string][]setting{}
	for _, s := range found {
		byName[s.Name] = append(byName[s.Name], s)
	}
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)

	var table strings.Builder
	table.WriteString("| Setting | Default | Meaning | Read by |\n|---|---|---|---|\n")
	var faults []error
	for _, name := range names {
		same := byName[name]
		faults = append(faults, meanings(same)...)
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, defaults(same), escape(same[0].Meaning), readers(same))
	}
	return table.String(), errors.Join(faults...)
}

func meanings(same []setting) []error {
	var faults []error
	for _, s := range same {
		switch {
		case s.Meaning == "":
			faults = append(faults, fmt.Errorf("%s has no desc tag where %s reads it: say what it means", s.Name, s.Reader))
		case s.Meaning != same[0].Meaning:
			faults = append(faults, fmt.Errorf("%s means %q to %s and %q to %s: use one text", s.Name, same[0].Meaning, same[0].Reader, s.Meaning, s.Reader))
		}
	}
	return faults
}

// defaults returns the default, or each reader's own where they differ.
func defaults(same []setting) string {
	var texts, each []string
	for _, s := range same {
		text := defaultOf(s)
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
			each = append(each, text+" ("+s.Reader+")")
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return strings.Join(each, ", ")
}

func defaultOf(s setting) string {
	switch {
	case s.Required:
		return "required"
	case s.Default == "":
		return "–"
	default:
		return "`" + escape(s.Default) + "`"
	}
}

func readers(same []setting) string {
	var names []string
	for _, s := range same {
		names = append(names, s.Reader)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// escape makes the text fit into one cell of a Markdown table.
func escape(text string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", ">", "&gt;").Replace(text)
}
