package monitor_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]monitor.Proxy{
		"http://proxy.example:3128":                 {Address: "proxy.example:3128"},
		"http://proxy.example/":                     {Address: "proxy.example:80"},
		"HTTPS://proxy.example":                     {Secure: true, Address: "proxy.example:443"},
		"http://[::1]:3128":                         {Address: "[::1]:3128"},
		"http://u:${PASSWORD}@proxy.example:3128":   {Address: "proxy.example:3128", User: "u", Password: "${PASSWORD}"},
		"http://${USER}:${PASSWORD}@p.example:1":    {Address: "p.example:1", User: "${USER}", Password: "${PASSWORD}"},
		"http://a%40b.example:%25@proxy.example:80": {Address: "proxy.example:80", User: "a@b.example", Password: "%"},
	} {
		got, err := monitor.ParseProxy(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: got %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{
		"", "proxy.example:3128", "socks5://proxy.example", "http://", "http://:3128", "http://p.example:0", "http://p.example:x",
		"http://p.example/path", "http://p.example?q", "http://@p.example", "http://:secret@p.example", "http://u:%zz@p.example", "${PROXY}",
	} {
		if got, err := monitor.ParseProxy(text); !errors.Is(err, monitor.Invalid) {
			t.Errorf("%q: got %+v and %v, want invalid", text, got, err)
		}
	}
}

func TestHTTPHost(t *testing.T) {
	t.Parallel()
	for want, asked := range map[string][]monitor.HTTP{
		"shop.example": {
			{URL: "https://shop.example"},
			{URL: "https://Shop.Example:8443/a@b:c"},
			{URL: "http://shop.example?a=:1"},
			{URL: "http://other.example", Proxy: "http://u@x:${P}@shop.example:3128"},
			{URL: "http://u:p@shop.example/"},
		},
		"[::1]": {{URL: "http://[::1]/"}, {URL: "http://[::1]:8080"}},
	} {
		for _, h := range asked {
			if got := h.Host(); got != want {
				t.Errorf("%+v: got %s, want %s", h, got, want)
			}
		}
	}
}
