package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// watching returns a file with one endpoint that says so much more.
func watching(more string) string {
	return "endpoints:\n- name: a\n  http: {url: 'http://a.example'}\n  " + more
}

// asking returns a file with one endpoint with this http.
func asking(http string) string { return "endpoints:\n- name: a\n  http: {" + http + "}" }

// telling returns a file with one channel.
func telling(channel string) string { return "channels:\n- {" + channel + "}" }

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, want string }{
		// the document
		"nothing at all":       {"", "1:1: the document is empty (write endpoints, or endpoints: [] to watch nothing)"},
		"only a comment":       {"# later", "1:1: the document is empty (write endpoints, or endpoints: [] to watch nothing)"},
		"an empty document":    {"endpoints: []\n---\n", "3:1: the document is empty (write endpoints, or endpoints: [] to watch nothing)"},
		"a list at the top":    {"- a", "1:1: the document must be a mapping (write {key: value} or indented lines key: value)"},
		"no YAML":              {"endpoints:\n- name: a\n\thttp: b", "2:1: this is no YAML: found a tab character that violates indentation (look at the indentation (spaces, no tabs), quotes and brackets around this line)"},
		"a bracket left open":  {"endpoints: [", "1:1: this is no YAML: did not find expected node content (look at the indentation (spaces, no tabs), quotes and brackets around this line)"},
		"an unknown anchor":    {"endpoints: *none", "1:1: this is no YAML: unknown anchor 'none' referenced (look at the indentation (spaces, no tabs), quotes and brackets around this line)"},
		"an unknown key":       {"endpoint: []", "1:1: unknown key \"endpoint\" in the document (did you mean endpoints?)"},
		"a key far from all":   {"version: 3", "1:1: unknown key \"version\" in the document (known here: namespace, defaults, channels, endpoints)"},
		"a key twice":          {"namespace: a\nnamespace: b", "2:1: key \"namespace\" of the document stands twice, first in line 1 (keep one of them)"},
		"a namespace in caps":  {"namespace: Shop", "1:12: namespace must be 1 to 100 of a-z, 0-9, dot, underscore and hyphen, got \"Shop\""},
		"a namespace of a dot": {"namespace: .", "1:12: namespace must be 1 to 100 of a-z, 0-9, dot, underscore and hyphen, got \".\""},
		"endpoints as mapping": {"endpoints: {a: b}", "1:12: endpoints must be a list (write [a, b] or indented lines - a)"},
		"a tag of YAML":        {"namespace: !!binary YQ==", "1:12: tags such as !!binary are not supported (leave it out)"},
		"a merge key":          {"endpoints: []\ndefaults: {<<: {interval: 1s}}", "2:12: unknown key \"<<\" in defaults (merge keys are not supported: write the keys out, or use defaults)"},
		"a bad default":        {"defaults: {interval: 1}", "1:22: interval: \"1\" is no duration: write for example 500ms, 10s, 1m30s or 14d (did you mean 1s?)"},

		// an endpoint
		"no name":                {"endpoints:\n- http: {url: 'http://a.example'}", "2:3: an endpoint needs a name (write name: …)"},
		"an empty endpoint":      {"endpoints: [{}]", "1:13: an endpoint needs a name (write name: …)\n1:13: an endpoint needs http (write http: {url: …})"},
		"an endpoint of a word":  {"endpoints: [a]", "1:13: an endpoint must be a mapping (write {key: value} or indented lines key: value)"},
		"an empty name":          {"endpoints: [{name: '', http: {url: 'http://a.example'}}]", "1:20: name is empty (write a value, or leave the key out)"},
		"a name of two lines":    {"endpoints: [{name: \"a\\nb\", http: {url: 'http://a.example'}}]", "1:20: name must not hold line ends or other control characters"},
		"a name with a space":    {"endpoints: [{name: 'a ', http: {url: 'http://a.example'}}]", "1:20: name must not begin or end with a space"},
		"an id in caps":          {watching("id: A"), "4:7: id must be 1 to 100 of a-z, 0-9, dot, underscore and hyphen, got \"A\""},
		"depends_on":             {watching("depends_on: [b]"), "4:3: unknown key \"depends_on\" in an endpoint (endpoints cannot depend on each other in this version: leave it out)"},
		"a key of http above it": {watching("method: GET"), "4:3: unknown key \"method\" in an endpoint (it belongs under http)"},
		"a key misspelled":       {watching("intervall: 1s"), "4:3: unknown key \"intervall\" in an endpoint (did you mean interval?)"},
		"an interval too short":  {watching("interval: 10ms"), "4:13: interval must be at least 100ms, got 10ms"},
		"an interval too long":   {watching("interval: 25h"), "4:13: interval must be at most 1d, got 25h"},
		"an interval of words":   {watching("interval: often"), "4:13: interval: \"often\" is no duration: write for example 500ms, 10s, 1m30s or 14d"},
		"an interval in µs":      {watching("interval: 100500us"), "4:13: interval must be whole milliseconds, got 100500us"},
		"a negative timeout":     {watching("timeout: -1s"), "4:12: timeout must be at least 10ms, got -1s"},
		"a timeout too long":     {watching("timeout: 2m"), "4:12: timeout must be at most 1m, got 2m"},
		"an extract as a word":   {watching("extract: yes"), "4:12: extract must be true or false, got yes"},
		"an extract of nothing":  {watching("extract:"), "4:11: extract is empty (write a value, or leave the key out)"},
		"an adaptive timeout":    {watching("adaptive: {timeout: 2s}"), "4:23: timeout must be true or false, got 2s"},
		"an adaptive word":       {watching("adaptive: {tempo: true}"), "4:14: unknown key \"tempo\" in adaptive (known here: timeout, cadence)"},
		"an extract misspelled":  {watching("extracts: false"), "4:3: unknown key \"extracts\" in an endpoint (did you mean extract?)"},
		"a cadence as a word":    {watching("adaptive: {cadence: slow}"), "4:23: cadence must be true or false, got slow"},
		"adaptive as a flag":     {watching("adaptive: false"), "4:13: adaptive must be a mapping (write {key: value} or indented lines key: value)"},
		"a default extract of 0": {"defaults: {extract: 0}", "1:21: extract must be true or false, got 0"},
		"after nothing":          {watching("alert: {after: 0}"), "4:18: after must be a whole number from 1 to 100, got 0"},
		"recover as a word":      {watching("alert: {recover: soon}"), "4:20: recover must be a whole number from 1 to 100, got soon"},
		"a confirm of its own":   {watching("alert: {confirm: soon}"), "4:20: confirm must be quick or interval, got \"soon\" (quick checks again soon after a failure, interval waits for the next check)"},
		"a confirm of nothing":   {watching("alert: {confirm: }"), "4:20: confirm is empty (write a value, or leave the key out)"},
		"a confirm elsewhere":    {watching("confirm: quick"), "4:3: unknown key \"confirm\" in an endpoint (it belongs under alert)"},
		"a channel that is none": {telling("name: oncall, webhook: {url: 'http://h.example'}") + "\n" + watching("alert: {channels: [onkall]}"), "6:22: channel \"onkall\" is not defined in namespace default (did you mean oncall?)"},
		"a channel named twice":  {telling("name: c, webhook: {url: 'http://h.example'}") + "\n" + watching("alert: {channels: [c, c]}"), "6:25: channel \"c\" is named twice (keep one of them)"},
		"a tag with a colon":     {watching("tags: {'a:b': c}"), "4:10: a tag's key must not hold a colon, got \"a:b\""},
		"a tag without a value":  {watching("tags: {a: }"), "4:13: a tag's value is empty (write a value, or leave the key out)"},
		"an id twice":            {watching("id: b\n- {name: b, http: {url: 'http://b.example'}}"), "5:3: the ID default/b stands twice, first in monitor.yaml:2 (give one of them an id of its own)"},

		// http
		"no http":                   {"endpoints:\n- name: a", "2:3: an endpoint needs http (write http: {url: …})"},
		"no url":                    {asking("method: GET"), "3:9: http needs a url (write url: https://…)"},
		"a url without a scheme":    {asking("url: a.example/x"), "3:15: url must begin with http:// or https://, got \"a.example/x\""},
		"a url of another scheme":   {asking("url: 'ftp://a.example'"), "3:15: url must begin with http:// or https://, got \"ftp://a.example\""},
		"a url without a host":      {asking("url: 'http:///x'"), "3:15: url names no host, got \"http:///x\""},
		"a url with a password":     {asking("url: 'http://u:p@a.example'"), "3:15: url must not hold a user or a password (use the header Authorization with a secret reference)"},
		"a url with a fragment":     {asking("url: 'http://a.example/#top'"), "3:15: the part behind # of a url is never sent (leave it out)"},
		"a url with a high port":    {asking("url: 'http://a.example:70000'"), "3:15: the port of url must be 1 to 65535, got 70000"},
		"a url with a space":        {asking("url: 'http://a.example/a b'"), "3:15: url \"http://a.example/a b\" is not valid"},
		"a url with a secret":       {asking("url: 'http://a.example/${KEY}'"), "3:15: url is shown to people: it cannot hold a secret (put it into a header or the body)"},
		"a method in small letters": {asking("url: 'http://a.example', method: get"), "3:43: method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, got \"get\""},
		"a header with a bad name":  {asking("url: 'http://a.example', headers: {'a b': c}"), "3:45: \"a b\" is no name of a header"},
		"a header twice":            {asking("url: 'http://a.example', headers: {A: b, a: c}"), "3:51: header a stands twice: their case does not matter (keep one of them)"},
		"a header of the client's":  {asking("url: 'http://a.example', headers: {Content-Length: 1}"), "3:45: header Content-Length is set by the client itself (leave it out)"},
		"a header of two lines":     {asking("url: 'http://a.example', headers: {A: \"b\\r\\nC: d\"}"), "3:48: the value of header A must not hold line ends or other control characters"},
		"a secret left open":        {asking("url: 'http://a.example', headers: {A: '${KEY'}"), "3:48: secret reference: a ${ is not closed: write ${NAME} for a secret, or $${ to mean it literally"},
		"too many redirects":        {asking("url: 'http://a.example', redirects: 11"), "3:46: redirects must be a whole number from 0 to 10, got 11"},
		"a body that is a mapping":  {asking("url: 'http://a.example', body: {a: b}"), "3:41: body must be a text (put it in quotes if it holds brackets or braces)"},

		// expect
		"a status that is none":       {watching("expect: {status: [ok]}"), "4:21: status: \"ok\" is no range of statuses: write for example 200 or 200-299"},
		"a status range backwards":    {watching("expect: {status: [299-200]}"), "4:21: status: \"299-200\" is no range of statuses: write for example 200 or 200-299"},
		"a status outside of a list":  {watching("expect: {status: 200}"), "4:20: status must be a list (write [a, b] or indented lines - a)"},
		"a latency beyond timeout":    {watching("expect: {latency: 5s}"), "4:21: latency must be less than the timeout, 5s, to be of any use, got 5s"},
		"a certificate of plain http": {watching("expect: {certificate: 14d}"), "4:25: an http url has no certificate (use https, or leave it out)"},
		"a path with two dots":        {watching("expect: {json: {a..b: c}}"), "4:19: json path a..b: is no path: write the steps with single dots between them, for example data.items.0.state"},
		"a number JSON has not":       {watching("expect: {json: {a: .inf}}"), "4:22: \".inf\" is no number that JSON knows (put it in quotes if it is a text)"},
		"an unknown expectation":      {watching("expect: {statsu: [200]}"), "4:12: unknown key \"statsu\" in expect (did you mean status?)"},

		// channels
		"a channel without a name":     {telling("webhook: {url: 'http://h.example'}"), "2:3: a channel needs a name (write name: …)"},
		"a channel of no kind":         {telling("name: c"), "2:3: a channel must be either slack or webhook (write one of them)"},
		"a channel of both kinds":      {telling("name: c, slack: {token: '${T}', channel: C1}, webhook: {url: 'http://h.example'}"), "2:3: a channel must be either slack or webhook (write one of them)"},
		"a channel of a kind to come":  {telling("name: c, email: {to: a}"), "2:3: a channel must be either slack or webhook (write one of them)\n2:13: unknown key \"email\" in a channel (known here: name, slack, webhook)"},
		"a channel twice":              {telling("name: c, webhook: {url: 'http://h.example'}}\n- {name: c, webhook: {url: 'http://h.example'}"), "3:3: channel default/c stands twice, first in monitor.yaml:2 (rename one of them)"},
		"a token in plain words":       {telling("name: c, slack: {token: xoxb-1, channel: C1}"), "2:28: token must be a secret reference (write token: \"${SLACK_TOKEN}\", and the token where secrets are kept)"},
		"slack without its parts":      {telling("name: c, slack: {}"), "2:20: slack needs a token (write token: \"${SLACK_TOKEN}\", or webhook: \"${HOOK_URL}\" in place of both)\n2:20: slack needs a channel (write channel: C0123456, the ID at the end of the channel's details)"},
		"a conversation with a space":  {telling("name: c, slack: {token: '${T}', channel: on call}"), "2:45: \"on call\" is no channel of Slack (write its ID, such as C0123456)"},
		"slack of both kinds":          {telling("name: c, slack: {webhook: '${H}', token: '${T}', channel: C1}"), "2:45: slack has either a webhook or a token and a channel (leave out either the webhook, or the token and the channel)\n2:62: slack has either a webhook or a token and a channel (leave out either the webhook, or the token and the channel)"},
		"a slack webhook in the open":  {telling("name: c, slack: {webhook: 'https://hooks.slack.com/services/T/B/x'}"), "2:30: webhook must be a secret reference (write webhook: \"${HOOK_URL}\", and the URL where secrets are kept)"},
		"a slack webhook of no scheme": {telling("name: c, slack: {webhook: 'hooks.slack.com/${KEY}'}"), "2:30: url must begin with http:// or https://, got \"hooks.slack.com/1\""},
		"a webhook without a url":      {telling("name: c, webhook: {headers: {}}"), "2:22: webhook needs a url (write url: https://…)"},
		"a webhook that is no address": {telling("name: c, webhook: {url: 'hook${KEY}'}"), "2:28: url must begin with http:// or https://, got \"hook1\""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t, test.file)
			_, err := config.Load(path, nil)
			got := strings.ReplaceAll(places(err), path, "monitor.yaml")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if !errors.Is(err, monitor.Invalid) {
				t.Errorf("got %v, want an invalid error", err)
			}
		})
	}
}

func TestFaultsTogether(t *testing.T) {
	t.Parallel()

	t.Run("all faults of all files come at once, in order", func(t *testing.T) {
		t.Parallel()
		dir := folder(t, map[string]string{
			"b.yaml": "endpoints:\n- {name: b, http: {url: x}, interval: 1}\n- {name: B, id: b, nmae: c}",
			"a.yaml": "namespace: Shop\nendpoints: [{name: a}]",
			"c.yml":  "endpoints: []",
		})
		_, err := config.Load(dir, nil)
		want := `1:12: namespace must be 1 to 100 of a-z, 0-9, dot, underscore and hyphen, got "Shop"
2:13: an endpoint needs http (write http: {url: …})
2:25: url must begin with http:// or https://, got "x"
2:39: interval: "1" is no duration: write for example 500ms, 10s, 1m30s or 14d (did you mean 1s?)
3:3: an endpoint needs http (write http: {url: …})
3:3: the ID default/b stands twice, first in b.yaml:2 (give one of them an id of its own)
3:20: unknown key "nmae" in an endpoint (did you mean name?)
 only files that end in .yaml are read (rename it to c.yaml)`
		if got := strings.ReplaceAll(places(err), dir+string(filepath.Separator), ""); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})

	t.Run("an empty folder is a fault", func(t *testing.T) {
		t.Parallel()
		_, err := config.Load(t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), "there is no *.yaml file in the folder") {
			t.Errorf("got %v, want one that says so", err)
		}
	})

	t.Run("a file that is too large is not read", func(t *testing.T) {
		t.Parallel()
		path := file(t, "")
		if err := os.Truncate(path, 16<<20+1); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(path, nil)
		if err == nil || !strings.Contains(err.Error(), "the file must be at most 16 MiB") {
			t.Errorf("got %v, want one that says so", err)
		}
	})

	t.Run("an expression that does not compile is said with its place", func(t *testing.T) {
		t.Parallel()
		_, err := config.Load(file(t, watching("expect: {cel: 'status =='}")), nil)
		if got := places(err); !strings.HasPrefix(got, "4:17: cel: does not compile: ") {
			t.Errorf("got %s, want 4:17: cel: does not compile: …", got)
		}
	})

	t.Run("aliases of aliases come to an end", func(t *testing.T) {
		t.Parallel()
		bomb := "endpoints:\n- name: a\n  http: {url: 'http://a.example'}\n  expect:\n    json:\n      a: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
		for i := range 9 {
			level := string(rune('0' + i))
			next := string(rune('1' + i))
			bomb += "      a" + next + ": &a" + next + " [" + strings.Repeat("*a"+level+",", 10) + "]\n"
		}
		_, err := config.Load(file(t, bomb), nil)
		if err == nil || !strings.Contains(err.Error(), "the definitions hold more than 4000000 values") {
			t.Errorf("got %v, want one that says that there are too many values", err)
		}
	})

	t.Run("an alias of itself comes to an end", func(t *testing.T) {
		t.Parallel()
		_, err := config.Load(file(t, watching("expect: {json: {a: &a [*a]}}")), nil)
		if !errors.Is(err, monitor.Invalid) {
			t.Errorf("got %v, want an invalid error", err)
		}
	})
}
