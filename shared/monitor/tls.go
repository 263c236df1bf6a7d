package monitor

import (
	"crypto/x509"
	"encoding/pem"
)

// TLS is what one endpoint asks of TLS beyond the usual. It holds for the host
// of the endpoint's URL, not for others that an answer redirects to.
type TLS struct {
	CA          string `json:"ca,omitempty"`          // PEM: the authorities that are trusted, in place of the system's
	Certificate string `json:"certificate,omitempty"` // PEM: what the observer shows of itself, with the chain behind it
	Key         string `json:"key,omitempty"`         // PEM: of the certificate; without a passphrase
	ServerName  string `json:"server_name,omitempty"` // that is asked for and that the certificate must be for, in place of the URL's host
}

// CertificatesIn returns the certificates in a text in PEM (RFC 7468), of which
// there is one at least. The error says what is wrong with the text, and holds
// nothing of it.
func CertificatesIn(text string) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, Errorf(Invalid, "certificate number %d of it cannot be read", len(list)+1)
		}
		list = append(list, certificate)
	}
	if len(list) == 0 {
		return nil, Errorf(Invalid, "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)")
	}
	return list, nil
}
