package slack_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestPicture holds the picture in the README to the goldens that it is drawn
// from.
func TestPicture(t *testing.T) {
	t.Parallel()
	p := &picture{}
	p.caption("When it goes down")
	p.message(t, "opened")
	p.caption("When it is up again: the same message, and its thread")
	p.message(t, "resolved")
	p.thread(t, "eased_line", "resolved_line")
	got := p.svg()
	if *update {
		if err := os.WriteFile("message.svg", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("message.svg")
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

// picture is an SVG in the making, drawn from the top down.
type picture struct {
	body bytes.Buffer
	y    int
}

const (
	width   = 720
	left    = 36 // of what stands beside the bar
	line    = 20
	letters = 88 // in a line
)

func (p *picture) caption(text string) {
	p.y += 2 * line
	p.text(16, p.y, "caption", words(text))
	p.y += line / 2
}

func (p *picture) message(t *testing.T, golden string) {
	t.Helper()
	m := read(t, golden)
	p.y += line + 4
	p.text(16, p.y, "header", words(m.Blocks[0].Text.Text))
	p.y += line / 2
	top := p.y
	for _, one := range m.Attachments[0].Blocks {
		p.y += 6
		p.lines(left, letters, "plain", one.Text.Text)
		for i := 0; i < len(one.Fields); i += 2 {
			p.columns(one.Fields[i:min(i+2, len(one.Fields))])
		}
		for _, element := range one.Elements {
			p.lines(left, letters, "context", element.Text)
		}
	}
	fmt.Fprintf(&p.body, `<rect x="18" y="%d" width="4" height="%d" rx="2" fill="%s"/>`+"\n", top, p.y-top+8, m.Attachments[0].Color)
}

func (p *picture) thread(t *testing.T, goldens ...string) {
	t.Helper()
	p.y += line
	for _, golden := range goldens {
		p.y += line / 2
		p.lines(2*left, letters, "plain", read(t, golden).Blocks[0].Text.Text)
	}
}

func (p *picture) columns(fields []textObject) {
	top, bottom := p.y, p.y
	for i, field := range fields {
		p.y = top
		p.lines(left+i*(width-left)/2, letters/2, "plain", field.Text)
		bottom = max(bottom, p.y)
	}
	p.y = bottom
}

// lines wraps a text with Slack's markup.
func (p *picture) lines(x, most int, class, text string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		var row []styled
		length := 0
		for _, word := range words(paragraph) {
			if length > 0 && length+len([]rune(word.text)) > most {
				p.y += line
				p.text(x, p.y, class, row)
				row, length = nil, 0
			}
			row = append(row, word)
			length += len([]rune(word.text)) + 1
		}
		if len(row) > 0 {
			p.y += line
			p.text(x, p.y, class, row)
		}
	}
}

func (p *picture) text(x, y int, class string, row []styled) {
	fmt.Fprintf(&p.body, `<text x="%d" y="%d" class="%s">`, x, y, class)
	class = ""
	for i, word := range row {
		if i > 0 && word.class != class {
			p.body.WriteString("</tspan>")
		}
		if i > 0 {
			p.body.WriteString(" ")
		}
		if i == 0 || word.class != class {
			fmt.Fprintf(&p.body, `<tspan class="%s">`, word.class)
		}
		class = word.class
		_ = xml.EscapeText(&p.body, []byte(word.text))
	}
	p.body.WriteString("</tspan></text>\n")
}

func (p *picture) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="An incident in Slack">
<style>text{font:14px Lato,"Noto Sans",Helvetica,Arial,sans-serif;fill:#1d1c1d}.header{font-size:18px;font-weight:700}.caption,.context{font-size:12px;fill:#616061}.bold{font-weight:700}.link{fill:#1264a3}.red{fill:#c62828}.yellow{fill:#f9a825}.green{fill:#2e7d32}</style>
<rect x="0.5" y="0.5" width="%d" height="%d" rx="8" fill="#fff" stroke="#ddd"/>
`, width, p.y+2*line, width-1, p.y+2*line-1)
	b.Write(p.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// styled is a word and how it looks.
type styled struct{ class, text string }

// marks are Slack's: a date with its text for those who cannot show it, a link
// with or without a label, and bold.
var marks = regexp.MustCompile(`<!date[^|>]*\|([^>]*)>|<([^|>]*)\|([^>]*)>|<([^>]*)>|\*([^*]+)\*`)

// dots are drawn with letters that every font has.
var dots = map[string]string{"🔴": "red", "🟡": "yellow", "🟢": "green"}

func words(text string) []styled {
	var all []styled
	add := func(class, part string) {
		part = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(part)
		for word := range strings.FieldsSeq(part) {
			if colour := dots[word]; colour != "" {
				all = append(all, styled{colour, "●"})
			} else {
				all = append(all, styled{cmp.Or(class, "word"), word})
			}
		}
	}
	at := 0
	for _, m := range marks.FindAllStringSubmatchIndex(text, -1) {
		add("", text[at:m[0]])
		for group, class := range map[int]string{1: "", 3: "link", 4: "link", 5: "bold"} {
			if m[2*group] >= 0 {
				add(class, text[m[2*group]:m[2*group+1]])
			}
		}
		at = m[1]
	}
	add("", text[at:])
	return all
}

type posted struct {
	Blocks      []block
	Attachments []struct {
		Color  string
		Blocks []block
	}
}

func read(t *testing.T, golden string) posted {
	t.Helper()
	text, err := os.ReadFile("testdata/" + golden + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var m posted
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}
