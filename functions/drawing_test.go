package functions_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestDrawn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		picture string
		want    []string
	}{
		"an arrow leads from word to word": {
			"a ──x.y──▶ b\n", []string{"a x.y b"},
		},
		"an arrow may have no label": {
			"a ──▶ b\n", []string{"a - b"},
		},
		"a line may fork": {
			"a ──x──┬──▶ b\n" +
				"       ├──▶ c\n" +
				"       │\n" +
				"       └──▶ d-e\n",
			[]string{"a x b", "a x c", "a x d-e"},
		},
		"a line may start below a word": {
			"    alpha ──▶ b\n" +
				"     └──x──▶ c\n",
			[]string{"alpha - b", "alpha x c"},
		},
		"a fork may have its label behind it": {
			"a ──┬──▶ b\n" +
				"    └─x─▶ c\n",
			[]string{"a - b", "a x c"},
		},
		"of two labels the one nearest to the head holds": {
			"a ──x──┬──▶ b\n" +
				"       └─y─▶ c\n",
			[]string{"a x b", "a y c"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, drawn(tt.picture)); diff != "" {
				t.Errorf("edges (-want +got):\n%s", diff)
			}
		})
	}
}

// grid is a picture made of box drawing characters.
type grid [][]rune

// drawn returns "from label to" for each arrow head of the picture, sorted. It
// follows the line from the head back to the word that it starts at. An arrow
// without a label has - for it.
func drawn(picture string) []string {
	var g grid
	for line := range strings.Lines(picture) {
		g = append(g, []rune(strings.TrimSuffix(line, "\n")))
	}
	var edges []string
	for row, line := range g {
		for column, r := range line {
			if r == '▶' {
				from, label := g.back(row, column-1)
				edges = append(edges, from+" "+label+" "+g.word(row, column+2))
			}
		}
	}
	slices.Sort(edges)
	return edges
}

// back follows a line to the left and up, and returns the word it starts at
// and the label in it that is nearest to the head.
func (g grid) back(row, column int) (from, label string) {
	label = "-"
	for {
		switch r := g.at(row, column); {
		case r == '─' || r == '┬':
			column--
		case r == '├' || r == '└' || r == '│':
			row--
			if isLetter(g.at(row, column)) {
				return g.word(row, column), label
			}
		case isLetter(r):
			text := g.word(row, column)
			column -= len([]rune(text))
			if label == "-" {
				label = text
			}
		default:
			return g.word(row, column-1), label
		}
	}
}

// word returns the word that covers the place; "" if none does.
func (g grid) word(row, column int) string {
	for isLetter(g.at(row, column-1)) {
		column--
	}
	var letters []rune
	for ; isLetter(g.at(row, column)); column++ {
		letters = append(letters, g.at(row, column))
	}
	return string(letters)
}

func (g grid) at(row, column int) rune {
	if row < 0 || row >= len(g) || column < 0 || column >= len(g[row]) {
		return ' '
	}
	return g[row][column]
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || r == '.' || r == '-' }
