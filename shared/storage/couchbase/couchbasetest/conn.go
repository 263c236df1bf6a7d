package couchbasetest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

const (
	headerSize = 24
	maxPacket  = 21 << 20
	maxHeld    = 16384 // requests of a connection that wait for something
)

var errProtocol = errors.New("not a request of the memcached protocol")

// conn is one connection to the port of documents.
type conn struct {
	node   *Node
	life   context.Context
	cancel context.CancelFunc
	socket net.Conn
	in     *bufio.Reader
	reader *memd.Conn

	features features
	login    *exchange // under way
	user     string    // who has logged in
	bucket   string    // that is selected
	routed   int64     // configurations that it was given, up to a few

	held  sync.WaitGroup
	slots chan struct{}

	write  sync.Mutex
	out    *bufio.Writer
	writer *memd.Conn
}

type stream struct {
	io.Reader
	io.Writer
}

func newConn(life context.Context, n *Node, socket net.Conn) *conn {
	c := &conn{
		node: n, socket: socket, features: features{},
		in: bufio.NewReaderSize(socket, 64<<10), out: bufio.NewWriterSize(socket, 64<<10),
		slots: make(chan struct{}, maxHeld),
	}
	c.life, c.cancel = context.WithCancel(life)
	context.AfterFunc(c.life, func() { _ = socket.Close() })
	c.reader = memd.NewConn(stream{c.in, io.Discard})
	c.writer = memd.NewConn(stream{c.in, c.out})
	return c
}

// end breaks the connection. It may be called twice.
func (c *conn) end() {
	_ = c.socket.Close()
	c.cancel()
}

// serve takes requests one after the other until the connection ends. Those that
// are held up by a fault let later ones pass, as a server's slow ones do.
func (c *conn) serve() {
	defer c.held.Wait()
	defer c.end()
	for {
		r, err := c.read()
		if err != nil {
			return
		}
		met := c.node.faults.meet(r)
		if !met.waits() || !r.ofDocument() {
			c.fulfil(r, met)
			if c.in.Buffered() == 0 {
				c.flush()
			}
			continue
		}
		select {
		case c.slots <- struct{}{}:
		case <-c.life.Done():
			return
		}
		c.held.Go(func() {
			defer func() { <-c.slots }()
			c.fulfil(r, met)
			c.flush()
		})
	}
}

// read returns the next request. It checks what the codec trusts: all lengths.
func (c *conn) read() (*request, error) {
	header, err := c.in.Peek(headerSize)
	if err != nil {
		return nil, err
	}
	if !sound(header) {
		return nil, errProtocol
	}
	if frames := framesLength(header); frames > 0 {
		start, err := c.in.Peek(headerSize + frames)
		if err != nil {
			return nil, err
		}
		if !soundFrames(start[headerSize:]) {
			return nil, errProtocol
		}
	}
	packet, size, err := c.reader.ReadPacket()
	if err != nil {
		return nil, err
	}
	r := &request{Packet: packet, size: size, began: time.Now(), user: c.user, bucket: c.bucket, features: c.features}
	if r.ofDocument() {
		r.place = c.node.documents.named(c.bucket, packet.CollectionID)
	}
	c.node.counts.begin(r)
	return r, nil
}

func sound(header []byte) bool {
	magic, body := memd.CmdMagic(header[0]), binary.BigEndian.Uint32(header[8:])
	key := uint32(binary.BigEndian.Uint16(header[2:]))
	switch magic {
	case memd.CmdMagicReq:
	case magicFramed:
		key = uint32(header[2]) + uint32(header[3])
	default:
		return false
	}
	return body <= maxPacket && key+uint32(header[4]) <= body
}

// magicFramed begins a request with frames, which the codec has no name for.
const magicFramed = memd.CmdMagic(0x08)

func framesLength(header []byte) int {
	if memd.CmdMagic(header[0]) != magicFramed {
		return 0
	}
	return int(header[2])
}

// soundFrames says whether the frames end where they say: each has its type and
// its length in half a byte, of which 15 means that a whole byte follows.
func soundFrames(frames []byte) bool {
	for len(frames) > 0 {
		kind, length := frames[0]>>4, int(frames[0]&0x0f)
		frames = frames[1:]
		if kind == 15 {
			if len(frames) == 0 {
				return false
			}
			frames = frames[1:]
		}
		if length == 15 {
			if len(frames) == 0 {
				return false
			}
			length += int(frames[0])
			frames = frames[1:]
		}
		if length > len(frames) {
			return false
		}
		frames = frames[length:]
	}
	return true
}
