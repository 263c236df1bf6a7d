package http1

import (
	"bufio"
	"bytes"
	"net/http"
	"net/textproto"
	"strconv"
)

var (
	endOfHead = []byte("\r\n\r\n")
	endOfLine = []byte("\r\n")
	version   = []byte("HTTP/1.1 ")
)

// frame says what the body of an answer is, where it ends and what comes after
// it.
type frame struct {
	length         int64
	chunked        bool
	close          bool   // the connection ends with the answer
	kind, encoding []byte // good until the next read
}

// parse reads a head into the answer. What is not plainly good HTTP/1.1 is
// unusual; whether it is wrong is for a complete client to say.
func parse(head []byte, into *Answer, request *Request) (frame, error) {
	line, rest, _ := bytes.Cut(head, endOfLine)
	status, err := parseStatus(line)
	if err != nil {
		return frame{}, err
	}
	into.Status = status
	f := fields{length: -1}
	for len(rest) > len(endOfLine) {
		line, rest, _ = bytes.Cut(rest, endOfLine)
		if !f.take(line) {
			return frame{}, ErrUnusual
		}
	}
	out, usual := f.frame(status, request.NoBody)
	if !usual {
		return frame{}, ErrUnusual
	}
	if request.Header == Always || request.Header == Unless2xx && status/100 != 2 {
		into.Header, err = header(head, out)
	}
	return out, err
}

// parseStatus reads the status line of a final answer.
func parseStatus(line []byte) (int, error) {
	rest, found := bytes.CutPrefix(line, version)
	if !found || len(rest) < 3 || len(rest) > 3 && rest[3] != ' ' {
		return 0, ErrUnusual
	}
	status := 0
	for _, c := range rest[:3] {
		if c < '0' || c > '9' {
			return 0, ErrUnusual
		}
		status = 10*status + int(c-'0')
	}
	if status < 200 || !plain(rest) {
		return 0, ErrUnusual
	}
	return status, nil
}

// fields are what the header lines say of the body.
type fields struct {
	length         int64 // -1: not said
	chunked        bool
	close          bool
	kind, encoding []byte // nil: not said
}

// take reads one header line, and tells whether it is a usual one.
func (f *fields) take(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !token(line[:colon]) || !plain(line[colon+1:]) {
		return false
	}
	name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
	switch len(name) {
	case len("Content-Length"):
		if is(name, "content-length") {
			return f.takeLength(value)
		}
	case len("Transfer-Encoding"):
		if is(name, "transfer-encoding") {
			again := f.chunked
			f.chunked = is(value, "chunked")
			return f.chunked && !again
		}
	case len("Connection"):
		if is(name, "connection") {
			f.close = f.close || is(value, "close")
			return f.close || is(value, "keep-alive")
		}
	case len("Content-Type"):
		if f.kind == nil && is(name, "content-type") {
			f.kind = said(value)
		}
	case len("Content-Encoding"):
		if f.encoding == nil && is(name, "content-encoding") {
			f.encoding = said(value)
		}
	case len("Trailer"):
		return !is(name, "trailer") && !is(name, "upgrade")
	}
	return true
}

// said returns a value that may be empty, but was said.
func said(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

func (f *fields) takeLength(value []byte) bool {
	if f.length >= 0 || len(value) == 0 || len(value) > 15 {
		return false
	}
	f.length = 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
		f.length = 10*f.length + int64(c-'0')
	}
	return true
}

// frame returns where the answer ends, if that is said in a usual way (RFC
// 9112, section 6.3).
func (f *fields) frame(status int, bodiless bool) (frame, bool) {
	out := frame{close: f.close, kind: f.kind, encoding: f.encoding}
	if bodiless || status == http.StatusNoContent || status == http.StatusNotModified {
		return out, !f.chunked
	}
	out.length, out.chunked = f.length, f.chunked
	return out, f.chunked != (f.length >= 0)
}

// is tells whether a name or a value is the word, which is in lower case.
func is(got []byte, word string) bool {
	if len(got) != len(word) {
		return false
	}
	for i, c := range got {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// plain tells whether a text holds no control characters but the tab.
func plain(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// token tells whether a text is letters, digits, "-" and "_", as names of
// header fields are.
func token(text []byte) bool {
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// header returns the header lines of a head that was found usual, without those
// that speak of the connection and with what Pragma stands for, as net/http does.
func header(head []byte, f frame) (http.Header, error) {
	_, lines, _ := bytes.Cut(head, endOfLine)
	read, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(lines))).ReadMIMEHeader()
	if err != nil {
		return nil, ErrUnusual
	}
	if pragma := read["Pragma"]; len(pragma) > 0 && pragma[0] == "no-cache" && read["Cache-Control"] == nil {
		read["Cache-Control"] = []string{"no-cache"}
	}
	delete(read, "Transfer-Encoding")
	if f.close {
		delete(read, "Connection")
	}
	return http.Header(read), nil
}

// chunks reads a body in chunks (RFC 9112, section 7.1) without extensions and
// without trailers.
func (c *Conn) chunks(request *Request, into *Answer) error {
	for {
		line, err := c.reader.line(16)
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(line), 16, 32)
		if err != nil || len(line) > 8 {
			return ErrUnusual
		}
		if size == 0 {
			return c.lineEnd()
		}
		if err := c.part(int64(size), request, into); err != nil || into.Truncated {
			return err
		}
		if err := c.lineEnd(); err != nil {
			return err
		}
	}
}

// lineEnd reads an empty line.
func (c *Conn) lineEnd() error {
	line, err := c.reader.line(len(endOfLine))
	if err != nil {
		return err
	}
	if len(line) > 0 {
		return ErrUnusual
	}
	return nil
}
