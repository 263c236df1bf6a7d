package link

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/couchbase/gocb/v2"
)

const (
	managing      = 5 * time.Second // the longest wait for the management of a node
	maxManagement = 16 << 20        // bytes of an answer
)

// Manage returns what the cluster's management says at a path, for what the client
// has no call. It asks the nodes that answer, one after another, until one has said
// it; a gocb.HTTPError says why none has.
func (l *Link) Manage(ctx context.Context, path string) ([]byte, error) {
	secure, err := l.trust()
	if err != nil {
		return nil, err
	}
	report, err := l.cluster.Ping(&gocb.PingOptions{
		Context: ctx, ServiceTypes: []gocb.ServiceType{gocb.ServiceTypeManagement}, Timeout: managing,
	})
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: secure, DisableKeepAlives: true}
	client := http.Client{Transport: transport, Timeout: managing, CheckRedirect: stay}
	failed := errors.New("no node's management answers")
	for _, node := range report.Services[gocb.ServiceTypeManagement] {
		if node.State != gocb.PingStateOk {
			continue
		}
		body, err := l.manage(ctx, &client, node.Remote+path)
		if err == nil {
			return body, nil
		}
		failed = err
	}
	return nil, failed
}

// stay follows no redirect: the password is for the node that was asked.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (l *Link) manage(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if l.settings.Certificate == "" {
		password, err := l.settings.password()
		if err != nil {
			return nil, err
		}
		request.SetBasicAuth(l.settings.User, password)
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxManagement))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = &gocb.HTTPError{
			InnerError: errors.New(answer.Status), Endpoint: url,
			ErrorText: string(body), StatusCode: uint32(answer.StatusCode),
		}
	}
	return body, err
}

// trust says whom the link believes to be a node, and what it shows of itself.
func (l *Link) trust() (*tls.Config, error) {
	authorities, err := l.settings.authorities()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: authorities,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if l.settings.Certificate == "" {
				return &tls.Certificate{}, nil
			}
			return l.settings.certificate()
		},
	}, nil
}
