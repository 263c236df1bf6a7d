package look

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// agreement returns how TLS is agreed on as a definition asks for it; nil where
// it asks for nothing. The error is Invalid and holds nothing of the texts.
func (h *HTTP) agreement(t *monitor.TLS) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	config := h.secure.Clone()
	if t.CA != "" {
		authorities, err := monitor.CertificatesIn(t.CA)
		if err != nil {
			return nil, unusable("tls.ca", err)
		}
		config.RootCAs = x509.NewCertPool()
		for _, authority := range authorities {
			config.RootCAs.AddCert(authority)
		}
	}
	if t.Certificate != "" || t.Key != "" {
		own, err := keyPair(t.Certificate, t.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

// unusable says what is wrong with a part of the definition.
func unusable(what string, err error) error {
	text := err.Error()
	if known, ok := errors.AsType[*monitor.Error](err); ok {
		text = known.Message
	}
	return monitor.Errorf(monitor.Invalid, "%s cannot be used: %s", what, text)
}

func keyPair(certificate, key string) (tls.Certificate, error) {
	if _, err := monitor.CertificatesIn(certificate); err != nil {
		return tls.Certificate{}, unusable("tls.certificate", err)
	}
	if err := checkKey(key); err != nil {
		return tls.Certificate{}, unusable("tls.key", err)
	}
	own, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	switch {
	case err == nil:
		return own, nil
	case strings.Contains(err.Error(), "does not match"):
		return own, unusable("tls.key", errors.New("it does not belong to the first certificate of tls.certificate"))
	default:
		return own, unusable("tls.key", errors.New("it is not of a known kind"))
	}
}

// checkKey says what is wrong with a private key, as far as that shows without
// its certificate.
func checkKey(text string) error {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return errors.New("it holds no private key in PEM (-----BEGIN PRIVATE KEY-----)")
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return errors.New("it is encrypted: keep it without a passphrase")
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return nil
		}
	}
}
