package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe/redact"
)

func TestExtractConceals(t *testing.T) {
	t.Parallel()
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
	tests := map[string]struct{ body, want string }{
		"a password in JSON":                {`{"password":"hunter2","user":"ann"}`, `{"password":"[redacted]","user":"ann"}`},
		"one with an escaped quote":         {`{"password":"hun\"ter2","a":1}`, `{"password":"[redacted]","a":1}`},
		"one in JSON within JSON":           {`{"body":"{\"password\":\"hunter2\",\"a\":1}"}`, `{"body":"{\"password\":\"[redacted]\",\"a\":1}"}`},
		"one that is never closed":          {`{"password": "hunter2 and`, `{"password": "[redacted]`},
		"a secret number":                   {`{"pin": 1234, "n": 5}`, `{"pin": [redacted], "n": 5}`},
		"secrets in a list and below":       {`{"tokens":["a","b"],"credentials":{"a":{"b":"c"}},"n":5}`, `{"tokens":[redacted],"credentials":[redacted],"n":5}`},
		"a secret on the next line":         {"{\"secret\":\n  \"x\"}", "{\"secret\":\n  \"[redacted]\"}"},
		"names in all spellings":            {`api_key=a apiKey=b X-Api-Key: c client.secret=d PASSWD=e dbPwd=f`, `api_key=[redacted] apiKey=[redacted] X-Api-Key: [redacted] client.secret=[redacted] PASSWD=[redacted] dbPwd=[redacted]`},
		"a query":                           {`GET /a?access_token=abc&page=2&sig=x;y`, `GET /a?access_token=[redacted]&page=2&sig=[redacted];y`},
		"an escaped query":                  {`next=%2Fa%3Ftoken%3Dabc`, `next=%2Fa%3Ftoken%3D[redacted]`},
		"a form's field":                    {`<input name="csrf_token" value="abc"><input value="abc" name="csrf">`, `<input name="csrf_token" value="[redacted]"><input value="[redacted]" name="csrf">`},
		"XML":                               {`<user><n:password type="t">a b</n:password><name>ann</name>`, `<user><n:password type="t">[redacted]</n:password><name>ann</name>`},
		"headers":                           {"Authorization: Digest a=\"b\", c\nCookie: a=b; c=d\nHost: e", "Authorization: [redacted]\nCookie: [redacted]\nHost: e"},
		"headers of Go":                     {`map[Authorization:[Bearer abc] Host:[e]]`, `map[Authorization:[redacted] Host:[e]]`},
		"a scheme under another name":       {`auth: Bearer abc, x`, `auth: [redacted], x`},
		"a scheme without a name":           {`sent Bearer abc.def-g to ann; basic YTpi`, `sent Bearer [redacted] to ann; basic [redacted]`},
		"arrays of PHP and of Ruby":         {`'password' => 'x', :secret=>"y", "user[password]"=z`, `'password' => '[redacted]', :secret=>"[redacted]", "user[password]"=[redacted]`},
		"a token of three parts":            {"got " + jwt + " today", "got [redacted] today"},
		"a user in a URL":                   {`dial postgres://app:p/w@db:5432/x failed, https://ann@a.example/b`, `dial postgres://[redacted]@db:5432/x failed, https://[redacted]@a.example/b`},
		"a user without a scheme":           {`app:pw@tcp(db:3306)/x`, `[redacted]@tcp(db:3306)/x`},
		"an address":                        {`no user ann.b+c@mail.example.com!`, `no user [e-mail]!`},
		"hexadecimal digits":                {`trace 0af7651916cd43dd8448eb211c80319c.`, `trace [redacted].`},
		"Base64":                            {`it was kQ/8vD+Ee1Yy2mM0aPzR7tUwXcVbN6sL== at`, `it was [redacted]== at`},
		"keys of services":                  {`AKIAIOSFODNN7EXAMPLE sk_live_4eC39HqLyjWDarjtT1zdp7dc ghp_16C7e42F292c6912E7710c838347Ae178B4a`, `[redacted] [redacted] [redacted]`},
		"a private key":                     {"a -----BEGIN RSA PRIVATE KEY-----\nMIIE/x+\n-----END RSA PRIVATE KEY----- b", "a [redacted] b"},
		"a private key that is cut":         {"a -----BEGIN PRIVATE KEY-----\nMIIE/x+", "a [redacted]"},
		"but true, false and null are left": {`{"token":null,"password_ok":false,"session":true}`, `{"token":null,"password_ok":false,"session":true}`},
		"but names that only sound so are":  {`{"author":"ann","shipping":"dhl","monkey":"x","inside":1,"design":"y"}`, `{"author":"ann","shipping":"dhl","monkey":"x","inside":1,"design":"y"}`},
		"but words and paths are":           {`at /srv/app/node_modules/express/lib/router/index.js:12:34 java.lang.IllegalStateException`, `at /srv/app/node_modules/express/lib/router/index.js:12:34 java.lang.IllegalStateException`},
		"but requests and hosts by name are": {
			`request 123e4567-e89b-12d3-a456-426614174000 at checkout-7d9f8b6c5d-x2x4z on 2026-11-22T11:25:00.123Z`,
			`request 123e4567-e89b-12d3-a456-426614174000 at checkout-7d9f8b6c5d-x2x4z on 2026-11-22T11:25:00.123Z`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := saying("text/plain", test.body)
			if diff := cmp.Diff(test.want, redact.Extract(&answer, nil)); diff != "" {
				t.Errorf("extract (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExtractHidesSecrets holds extracts to what they promise of the secrets
// that a request was filled in with. Bodies have small letters only and the
// secrets none: each sign of them that is seen is one of a secret.
func TestExtractHidesSecrets(t *testing.T) {
	t.Parallel()
	escapes := regexp.MustCompile("%[0-9A-F]{2}")
	encodings := map[string]func(string) string{
		"as it is":       func(s string) string { return s },
		"in a query":     url.QueryEscape,
		"in a path":      url.PathEscape,
		"in a late path": func(s string) string { return escapes.ReplaceAllStringFunc(url.PathEscape(s), strings.ToLower) },
		"on a page":      html.EscapeString,
		"in JSON":        func(s string) string { out, _ := json.Marshal(s); return string(out) },
		"in JSON twice": func(s string) string {
			out, _ := json.Marshal(s)
			out, _ = json.Marshal(string(out))
			return string(out)
		},
	}
	signs := rapid.RuneFrom([]rune("QRSTUVWXYZ0123456789+/=&<\"'\\ÉÄ日%#"))
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				secret := rapid.StringOfN(signs, 4, 60, -1).Draw(t, "secret")
				words := rapid.StringOfN(rapid.RuneFrom([]rune("abc .\n\té")), 0, redact.Head+100, -1)
				body := ""
				for range rapid.IntRange(1, 4).Draw(t, "times") {
					body += words.Draw(t, "words") + encode(secret)
				}
				answer := saying(rapid.SampledFrom([]string{"", "text/html"}).Draw(t, "kind"), body)
				got := redact.Extract(&answer, redact.Values{"other", secret})
				wantReadable(t, got)
				left := strings.NewReplacer("[secret]", "", "[redacted]", "", "\\\"", "", "\"", "").Replace(got)
				if i := strings.IndexAny(left, "QRSTUVWXYZ0123456789+/=&<'\\ÉÄ日%#"); i >= 0 {
					t.Fatalf("got %q, which shows %q of the secret %q", got, left[i:], secret)
				}
			})
		})
	}
	t.Run("in Base64, alone and behind a user's name", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			secret := rapid.StringOfN(signs, 12, 40, -1).Draw(t, "secret")
			user := rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "user")
			header := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret))
			answer := saying("text/plain", "heard x"+header)
			got := redact.Extract(&answer, redact.Values{secret})
			if !strings.Contains(got, "[secret]") && !strings.Contains(got, "[redacted]") || strings.Contains(got, header[12:len(header)-4]) {
				t.Fatalf("got %q, want the secret taken out of %q", got, header)
			}
		})
	})
	t.Run("and nothing is left of one that the end of what is kept goes through", func(t *testing.T) {
		t.Parallel()
		const secret = "QRSTUVWXYZ-QRSTUVWXYZ+QRSTUVWXYZ/"
		for before := range len(secret) {
			answer := saying("text/plain", strings.Repeat("a", before)+strings.Repeat(secret, redact.Head/10))
			if got := redact.Extract(&answer, redact.Values{secret}); !strings.HasPrefix(got[before:], "[secret][secret]") || strings.ContainsAny(got, "QRSTUVWXYZ") {
				t.Errorf("got %q, want no sign of the secret", got)
			}
		}
	})
	t.Run("and in every form that is looked for", func(t *testing.T) {
		t.Parallel()
		const secret = `Q"r&s<t>/é日+ '\` + "\U0001F600"
		for _, form := range redact.FormsOf(secret) {
			answer := saying("text/plain", "x "+form+" y")
			if got := redact.Extract(&answer, redact.Values{secret}); got != "x [secret] y" {
				t.Errorf("got %q for %q, want it hidden", got, form)
			}
		}
	})
}

// BenchmarkExtract is what the answer of a failing check costs, for the first
// three of an endpoint and then once in two minutes.
func BenchmarkExtract(b *testing.B) {
	row := `{"at":"/srv/app/handler.go:12","message":"no upstream for ann@a.example","token":"abc"},`
	for name, body := range map[string]string{"short": `{"error":"no upstream is healthy"}`, "long": strings.Repeat(row, 20)} {
		b.Run(name, func(b *testing.B) {
			answer := saying("application/json", body)
			b.ReportAllocs()
			for b.Loop() {
				redact.Extract(&answer, nil)
			}
		})
	}
}
