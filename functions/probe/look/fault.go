package look

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// classify says what kind of fault the error of a look is, and what happened,
// in one sentence.
func classify(err error, at stage, start time.Time, timeout time.Duration) (monitor.Fault, string) {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) >= timeout && timedOut(err) {
		return monitor.FaultTimeout, fmt.Sprintf("no whole answer within %s: time ran out while %s", monitor.Duration(timeout), at)
	}
	return cause(err, at)
}

// cause is classify for what did not take too long.
func cause(err error, at stage) (monitor.Fault, string) {
	for _, classify := range []func(error) (monitor.Fault, string){ofObserver, ofProxy, ofRedirect, ofName, ofCertificate, ofTLS} {
		if fault, reason := classify(err); fault != monitor.FaultNone {
			return fault, reason
		}
	}
	if fault, reason := ofConnection(err, at); fault != monitor.FaultNone {
		return fault, reason
	}
	if strings.HasPrefix(string(at), string(shaking)) {
		return monitor.FaultTLS, "no TLS session: " + innermost(err)
	}
	return monitor.FaultProtocol, "what came back is no HTTP: " + innermost(err)
}

// observerErrors are the system's ways to say that this machine, not the
// endpoint, is at its end.
func observerErrors() []syscall.Errno {
	return []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.EACCES, syscall.EPERM,
		syscall.ENETDOWN, syscall.EAFNOSUPPORT, syscall.EPROTONOSUPPORT,
	}
}

func ofObserver(err error) (monitor.Fault, string) {
	for _, errno := range observerErrors() {
		if errors.Is(err, errno) {
			return monitor.FaultObserver, "the observer cannot open a connection: " + errno.Error()
		}
	}
	return monitor.FaultNone, ""
}

// ofProxy says what was wrong with a proxy as it would be said of an endpoint.
func ofProxy(err error) (monitor.Fault, string) {
	failed, ok := errors.AsType[*proxyError](err)
	switch {
	case !ok:
		return monitor.FaultNone, ""
	case failed.err == nil:
		return monitor.FaultProxy, failed.Error()
	default:
		_, why := cause(failed.err, failed.at)
		return monitor.FaultProxy, "the proxy " + failed.proxy + " could not be used: " + why
	}
}

func ofRedirect(err error) (monitor.Fault, string) {
	switch {
	case errors.Is(err, errRedirects):
		return monitor.FaultRedirects, "the answer redirects more often than is followed"
	case errors.Is(err, errBodyElsewhere):
		return monitor.FaultRedirects, errBodyElsewhere.Error()
	default:
		return monitor.FaultNone, ""
	}
}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

func ofName(err error) (monitor.Fault, string) {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return monitor.FaultNone, ""
	case dns.IsNotFound:
		return monitor.FaultDNS, fmt.Sprintf("the name %s does not resolve", dns.Name)
	default:
		return monitor.FaultDNS, fmt.Sprintf("the name %s cannot be resolved: %s", dns.Name, dns.Err)
	}
}

func ofCertificate(err error) (monitor.Fault, string) {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if begin := invalid.Cert.NotBefore; time.Now().Before(begin) {
			return monitor.FaultTLS, "the certificate is not valid before " + begin.UTC().Format(time.DateTime) + " UTC"
		}
		return monitor.FaultTLS, "the certificate expired at " + invalid.Cert.NotAfter.UTC().Format(time.DateTime) + " UTC"
	case errors.As(err, &invalid):
		return monitor.FaultTLS, "the certificate is not valid: " + invalid.Error()
	case errors.As(err, &host):
		return monitor.FaultTLS, fmt.Sprintf("the certificate is not for the host %s but for %s", host.Host, hostsOf(host.Certificate))
	case errors.As(err, &authority):
		return monitor.FaultTLS, "the certificate is signed by an authority that is not trusted: " + issuer(authority.Cert)
	default:
		return monitor.FaultNone, ""
	}
}

func hostsOf(certificate *x509.Certificate) string {
	all := certificate.DNSNames
	for _, ip := range certificate.IPAddresses {
		all = append(all, ip.String())
	}
	switch {
	case len(all) == 0:
		return "no host at all"
	case len(all) > 3:
		return strings.Join(all[:3], ", ") + " and others"
	default:
		return strings.Join(all, ", ")
	}
}

func issuer(certificate *x509.Certificate) string {
	if certificate == nil || certificate.Issuer.String() == "" {
		return "it has no name"
	}
	return certificate.Issuer.String()
}

func ofTLS(err error) (monitor.Fault, string) {
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var remote *net.OpError
	switch {
	case errors.As(err, &header), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return monitor.FaultTLS, "the server speaks no TLS on this port"
	case errors.As(err, &alert):
		return monitor.FaultTLS, "the server refused the TLS session: " + strings.TrimPrefix(alert.Error(), "tls: ")
	case errors.As(err, &remote) && remote.Op == "remote error":
		return monitor.FaultTLS, "the server refused the TLS session: " + strings.TrimPrefix(remote.Err.Error(), "tls: ")
	default:
		return monitor.FaultNone, ""
	}
}

func ofConnection(err error, at stage) (monitor.Fault, string) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return monitor.FaultRefused, "the connection was refused" + address(err)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		return monitor.FaultUnreachable, "the host cannot be reached" + address(err)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		strings.Contains(err.Error(), "server closed idle connection"),
		strings.Contains(err.Error(), "client conn could not be established"): // of HTTP/2, before its first frame
		return monitor.FaultReset, "the connection was cut while " + string(at)
	case errors.Is(err, syscall.ETIMEDOUT):
		return monitor.FaultTimeout, "the system gave up waiting while " + string(at)
	default:
		return monitor.FaultNone, ""
	}
}

// address returns " at host:port" of the peer, if the error knows it.
func address(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		return " at " + op.Addr.String()
	}
	return ""
}

// innermost returns the text of the last error in the chain, which is the one
// that speaks of the cause and not of the URL.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// certificateOf returns when the certificate that the error speaks of ends.
func certificateOf(err error) monitor.Instant {
	if failed, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return firstEnd(failed.UnverifiedCertificates)
	}
	return 0
}
