package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// material returns a certificate and its key in PEM.
func material(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", bytes)
}

// indented returns lines as they stand in a block of YAML.
func indented(text string) string {
	return "|\n      " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ") + "\n"
}

// withTLS returns a file with one endpoint whose TLS has these lines.
func withTLS(lines ...string) string {
	return "endpoints:\n- name: a\n  http:\n   url: 'https://a.example'\n   tls:\n    " + strings.Join(lines, "\n    ")
}

func TestWay(t *testing.T) {
	t.Parallel()
	certificate, _ := material(t)
	got := load(t, withTLS("ca: "+indented(certificate)+"    certificate: ${CERTIFICATE}", "key: ${KEY}", "server_name: node.internal")+`
- name: b
  http: {url: "http://b.example", proxy: "http://user:${PASSWORD}@proxy.example:3128"}
- name: c
  http: {url: "https://c.example", address: "[fd00::7]:8443", tls: {ca: "${ONE}${TWO}"}}
`)
	want := []monitor.HTTP{
		{URL: "https://a.example", Method: "GET", Redirects: 5, TLS: &monitor.TLS{CA: certificate, Certificate: "${CERTIFICATE}", Key: "${KEY}", ServerName: "node.internal"}},
		{URL: "http://b.example", Method: "GET", Redirects: 5, Proxy: "http://user:${PASSWORD}@proxy.example:3128"},
		{URL: "https://c.example", Method: "GET", Redirects: 5, Address: "[fd00::7]:8443", TLS: &monitor.TLS{CA: "${ONE}${TWO}"}},
	}
	for i, e := range got.Endpoints {
		if diff := cmp.Diff(want[i], e.HTTP); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.ID, diff)
		}
	}
}

func TestWaySecrets(t *testing.T) {
	t.Parallel()
	resolves := func(_, name string) error {
		return monitor.Errorf(monitor.Invalid, "%s is missing", name)
	}
	_, err := config.Load(file(t, withTLS("ca: ${A}", "certificate: ${B}", "key: ${C}")+"\n   proxy: http://${D}:${E}@proxy.example"), resolves)
	want := "6:9: secret: A is missing\n7:18: secret: B is missing\n8:10: secret: C is missing\n9:11: secret: D is missing\n9:11: secret: E is missing"
	if got := places(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWayFaults(t *testing.T) {
	t.Parallel()
	certificate, key := material(t)
	const https = "url: 'https://a.example', "
	tests := map[string]struct{ file, want string }{
		"a proxy of another kind":          {asking(https + "proxy: 'socks5://p.example'"), "3:43: proxy: it must begin with http:// or https://"},
		"a proxy without a host":           {asking(https + "proxy: 'http://'"), "3:43: proxy: it must be a host and a port, as in http://proxy.example:3128"},
		"a proxy with a path":              {asking(https + "proxy: 'http://p.example/x'"), "3:43: proxy: it must be a host and a port, as in http://proxy.example:3128"},
		"a proxy with a high port":         {asking(https + "proxy: 'http://p.example:70000'"), "3:43: proxy: its port must be 1 to 65535, got 70000"},
		"a proxy's password as it is":      {asking(https + "proxy: 'http://u:hidden@p.example'"), "3:43: the password of proxy must be a secret reference (write ${NAME} in its place)"},
		"a part of it":                     {asking(https + "proxy: 'http://u:hid${DEN}@p.example'"), "3:43: the password of proxy must be a secret reference (write ${NAME} in its place)"},
		"a proxy's address as a secret":    {asking(https + "proxy: 'http://${PROXY}'"), "3:43: proxy: it must be a host and a port, as in http://proxy.example:3128"},
		"a proxy and an address":           {asking(https + "proxy: 'http://p.example', address: '10.0.0.7:80'"), "3:72: address and proxy exclude each other: it is the proxy that would connect (leave one of them out)"},
		"an address without a port":        {asking(https + "address: 10.0.0.7"), "3:45: address must be host:port, got \"10.0.0.7\" (write for example 10.0.0.7:8443 or [fd00::7]:8443)"},
		"an address that is a URL":         {asking(https + "address: 'http://b.example:80'"), "3:45: address must be host:port, got \"http://b.example:80\" (write for example 10.0.0.7:8443 or [fd00::7]:8443)"},
		"an address on port 0":             {asking(https + "address: '10.0.0.7:0'"), "3:45: address must be host:port, got \"10.0.0.7:0\" (write for example 10.0.0.7:8443 or [fd00::7]:8443)"},
		"tls of plain http":                {asking("url: 'http://a.example', tls: {server_name: b}"), "3:40: an http url has no tls (use https, or leave it out)"},
		"tls of HTTP in capitals":          {asking("url: 'HTTP://a.example', tls: {server_name: b}"), "3:40: an http url has no tls (use https, or leave it out)"},
		"tls as a word":                    {asking(https + "tls: on"), "3:41: tls must be a mapping (write {key: value} or indented lines key: value)"},
		"a key of tls beside it":           {asking(https + "ca: x"), "3:36: unknown key \"ca\" in http (it belongs under tls)"},
		"a key without its certificate":    {withTLS("key: ${KEY}"), "6:10: key needs the certificate that it belongs to (write certificate: ${NAME} beside it)"},
		"a certificate without its key":    {withTLS("certificate: ${C}"), "6:18: certificate needs its key (write key: ${NAME} beside it)"},
		"authorities that are none":        {withTLS("ca: hidden"), "6:9: ca: it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"},
		"a certificate that is cut":        {withTLS("ca: " + indented(strings.Replace(certificate, "\nMI", "\nAI", 1))), "6:9: ca: certificate number 1 of it cannot be read"},
		"a key among the authorities":      {withTLS("ca: " + indented(certificate+key)), "6:9: ca must not hold a private key (give it by key: ${NAME})"},
		"a key as it is":                   {withTLS("certificate: " + indented(certificate) + "    key: " + indented(key)), "9:10: key must be a secret reference (write ${NAME}, and put the key into that secret)"},
		"text around a reference":          {withTLS("ca: hidden ${CA}"), "6:9: ca must be PEM or a secret reference, not both"},
		"a server name with a port":        {withTLS("server_name: 'a.example:443'"), "6:18: server_name must be the name of a host or an IP address, got \"a.example:443\" (write it without scheme and port)"},
		"an unknown key of tls":            {withTLS("cert: ${C}"), "6:5: unknown key \"cert\" in tls (known here: ca, certificate, key, server_name)"},
		"a reference that is left open":    {withTLS("ca: '${CA'"), "6:9: ca must be PEM or a secret reference, not both"},
		"a proxy's user with a bad escape": {asking(https + "proxy: 'http://%zz:${P}@p.example'"), "3:43: proxy: write its credentials as user:${PASSWORD}@, and % in them as %25"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(file(t, test.file), nil)
			got := places(err)
			if name == "a key as it is" { // its line depends on the certificate's length
				_, got, _ = strings.Cut(got, ": ")
				_, test.want, _ = strings.Cut(test.want, ": ")
			}
			if got != test.want || strings.Contains(got, "hidden") {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
