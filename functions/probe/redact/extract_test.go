package redact_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/redact"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// saying returns an answer of status 500 with the body, as far as a head has room.
func saying(kind, body string) look.Answer {
	answer := look.Answer{Status: http.StatusInternalServerError, Bytes: int64(len(body)), Type: kind}
	answer.Head = []byte(body[:min(len(body), redact.Head)])
	return answer
}

func TestExtract(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(writer, "no upstream is healthy")
	_ = writer.Close()
	tests := map[string]struct{ kind, body, want string }{
		"text stays as it is":                      {"text/plain; charset=utf-8", "no upstream\n\tis healthy", "no upstream\n\tis healthy"},
		"JSON does":                                {"application/problem+json", `{"detail":"no upstream"}`, `{"detail":"no upstream"}`},
		"a page does":                              {"text/html", `<img src=x onerror="alert(1)"><script>alert(2)</script>`, `<img src=x onerror="alert(1)"><script>alert(2)</script>`},
		"text without a type does":                 {"", "no upstream", "no upstream"},
		"other scripts and emoji do":               {"text/plain", "שגיאה 日本 👩‍💻", "שגיאה 日本 👩‍💻"},
		"control characters go":                    {"text/plain", "a\x1b[31mb\r\nc\u202ed\x7f", "a[31mb\ncd"},
		"bytes that are no UTF-8 are marked":       {"text/plain", "ab\xffcd", "ab�cd"},
		"Latin-1 is read":                          {"text/plain; charset=ISO-8859-1", "caf\xe9", "café"},
		"a picture is named":                       {"image/png", "\x89PNG", "[image/png, 4 bytes: not shown]"},
		"a picture that calls itself text is":      {"text/plain", "\x89PNG\x00\x01", "[text/plain, 6 bytes: not shown]"},
		"bytes without a type are":                 {"", "\x00\x01", "[no text, 2 bytes: not shown]"},
		"a type that is none is not repeated":      {`<script>x/y`, "\x00", "[no text, 1 bytes: not shown]"},
		"a long text is cut":                       {"text/plain", strings.Repeat("x ", 600), strings.Repeat("x ", 600)[:509] + "…"},
		"a long text is cut between characters":    {"text/plain", strings.Repeat("日", 600), strings.Repeat("日", 169) + "…"},
		"one of just the limit is not":             {"text/plain", strings.Repeat("x ", 255) + "xx", strings.Repeat("x ", 255) + "xx"},
		"a short text that goes on says so":        {"text/plain", "a" + strings.Repeat(" ", 3000) + "b", "a…"},
		"an empty body is none":                    {"text/plain", "", ""},
		"a body of blanks is none":                 {"text/plain", " \n" + strings.Repeat(" ", 3000), ""},
		"zipped text that says so is read":         {"gzip", zipped.String(), "no upstream is healthy"},
		"what only says that it is zipped is not":  {"gzip", "no gzip", "[text/plain, 7 bytes: not shown]"},
		"of zipped text that is cut the beginning": {"gzip", zipped.String()[:zipped.Len()-9], "no upstream is healthy…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := saying(test.kind, test.body)
			if test.kind == "gzip" {
				answer.Encoding, answer.Type = "gzip", "text/plain"
			}
			if diff := cmp.Diff(test.want, redact.Extract(&answer, nil)); diff != "" {
				t.Errorf("extract (-want +got):\n%s", diff)
			}
		})
	}
}

// wantReadable wants what a result may carry.
func wantReadable(t interface{ Fatalf(string, ...any) }, extract string) {
	seen := func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }
	if len(extract) > monitor.MaxExtract || !utf8.ValidString(extract) || strings.ContainsFunc(extract, seen) {
		t.Fatalf("got %d bytes %q, want text of %d at most", len(extract), extract, monitor.MaxExtract)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("text/html", "", []byte(`{"password": {"a": ["b`), "hunter22")
	f.Add("", "gzip", []byte("\x1f\x8b\x08\x00"), "x")
	f.Add("text/plain; charset=latin1", "", []byte("token=\xff Bearer a://b:c@d <k>eyJ.x.y</k> \\\"key\\\": \\\"v\\\""), "k%3D/+")
	f.Add("", "", []byte("\xfd"), "\xef") // a part of the mark for what is no character
	f.Fuzz(func(t *testing.T, kind, encoding string, body []byte, secret string) {
		answer := saying(kind, string(body))
		answer.Encoding = encoding
		got := redact.Extract(&answer, redact.Values{secret})
		wantReadable(t, got)
		marks := "[secret][redacted][e-mail]…[no text, 0123456789 bytes: not shown]"
		if len(secret) > 0 && utf8.ValidString(secret) && !strings.ContainsAny(secret, marks) && strings.Contains(got, secret) {
			t.Fatalf("got %q with the secret %q", got, secret)
		}
	})
}
