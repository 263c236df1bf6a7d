package http1

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// The bounds of an answer, in bytes.
const (
	MaxHead = 64 << 10
	MaxBody = 1 << 20 // of which more is not read
)

// ErrUnusual says that the answer is not for this client: ask again with a
// complete one.
var ErrUnusual = errors.New("the answer is an unusual one")

// Stage is how far an exchange has come.
type Stage int

// The stages.
const (
	Sending Stage = iota // the request
	Waiting              // for the answer's first byte
	Reading              // the answer
)

// Request is what is sent, as the bytes of a request without a body or with a
// length.
type Request struct {
	Bytes    []byte
	NoBody   bool   // its method is HEAD: the answer has no body
	Begin    []byte // room for the beginning of the body; may be empty
	Header   Wish   // for Answer.Header
	KeepBody bool   // Answer.Body is wanted
}

// Wish says when something is wanted.
type Wish int

// The wishes.
const (
	Never Wish = iota
	Unless2xx
	Always
)

// Answer is what came back. The bytes are its own.
type Answer struct {
	Status    int
	Header    http.Header // if wanted
	Type      string      // Content-Type
	Encoding  string      // Content-Encoding
	Body      []byte      // if wanted
	Begin     []byte      // of the body, as much as the request has room for
	Bytes     int64       // of the body, MaxBody at most
	Truncated bool        // the body is longer than MaxBody
	Sent      time.Time   // when the request was written
	First     time.Time   // when the answer's first byte was read
	Stage     Stage       // how far the exchange came
}

// Conn is one connection. It is not safe for concurrent use.
type Conn struct {
	conn    net.Conn
	buffers *Buffers
	reader  *reader // of the exchange under way
	spent   bool

	kind, encoding string // of the last answer
}

// New returns a connection over conn, on which nothing was sent.
func New(conn net.Conn, buffers *Buffers) *Conn {
	return &Conn{conn: conn, buffers: buffers}
}

// Reusable tells whether another exchange may follow.
func (c *Conn) Reusable() bool { return !c.spent }

// Conn returns the connection below.
func (c *Conn) Conn() net.Conn { return c.conn }

// Close closes the connection.
func (c *Conn) Close() error {
	c.spent = true
	return c.conn.Close()
}

// Exchange sends the request and reads the whole answer until the deadline.
// After an error the connection is not reusable. The error is ErrUnusual, one
// of the connection's, io.EOF where no answer came before the connection's
// end, or io.ErrUnexpectedEOF where only a part of one came.
func (c *Conn) Exchange(request *Request, deadline time.Time, into *Answer) error {
	*into = Answer{}
	if c.spent {
		return net.ErrClosed
	}
	c.spent = true
	if err := c.conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := c.conn.Write(request.Bytes); err != nil {
		return err
	}
	into.Sent, into.Stage = time.Now(), Waiting
	c.reader = c.buffers.lend(c.conn)
	defer c.takeBack()
	head, err := c.reader.head()
	into.First = c.reader.first
	if !into.First.IsZero() {
		into.Stage = Reading
	}
	if err != nil {
		return err
	}
	frame, err := parse(head, into, request)
	if err != nil {
		return err
	}
	into.Type, into.Encoding = again(&c.kind, frame.kind), again(&c.encoding, frame.encoding)
	err = c.body(frame, request, into)
	c.spent = err != nil || frame.close || into.Truncated || c.reader.rest() > 0
	return err
}

// takeBack ends the use of the reader: an idle connection holds none.
func (c *Conn) takeBack() {
	c.buffers.takeBack(c.reader)
	c.reader = nil
}

// again returns the text, which is mostly the one before.
func again(last *string, text []byte) string {
	if string(text) != *last {
		*last = string(text)
	}
	return *last
}

// body reads the body that the head has announced.
func (c *Conn) body(f frame, request *Request, into *Answer) error {
	if f.chunked {
		return c.chunks(request, into)
	}
	return c.part(f.length, request, into)
}

// part reads so many bytes of the body, up to MaxBody bytes in all.
func (c *Conn) part(size int64, request *Request, into *Answer) error {
	wanted := min(size, MaxBody-into.Bytes)
	into.Truncated = wanted < size
	for wanted > 0 {
		came, err := c.piece(wanted, request, into)
		into.Bytes += came
		wanted -= came
		if err != nil {
			return err
		}
	}
	return nil
}

// step is how much room is made for a body before that much of it has come.
const step = 32 << 10

// piece reads some of the bytes that are wanted to where they belong.
func (c *Conn) piece(wanted int64, request *Request, into *Answer) (int64, error) {
	if request.KeepBody {
		at, next := len(into.Body), int(min(wanted, step))
		into.Body = slices.Grow(into.Body, next)[:at+next]
		n, err := c.reader.fill(into.Body[at:])
		into.Body = into.Body[:at+n]
		into.Begin = into.Body[:min(len(into.Body), len(request.Begin))]
		return int64(n), err
	}
	if at := len(into.Begin); at < len(request.Begin) {
		room := request.Begin[at:min(int64(len(request.Begin)), int64(at)+wanted)]
		n, err := c.reader.fill(room)
		into.Begin = request.Begin[:at+n]
		return int64(n), err
	}
	return c.reader.skip(wanted)
}

// cut turns the end of a connection within an answer into what it is.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
