package codec

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// header is the length of version and checksum.
const header = 5

// seal fills in the header of a blob whose body is complete.
func seal(blob []byte, version byte) []byte {
	blob[0] = version
	binary.LittleEndian.PutUint32(blob[1:], checksum(blob[header:]))
	return blob
}

func checksum(body []byte) uint32 {
	return crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
}

// reader takes a body apart. After the first fault it returns zeros.
type reader struct {
	rest    []byte
	version byte
	err     error
}

// open checks the header of a blob, which must be of one of the versions.
func open(blob []byte, versions ...byte) *reader {
	r := &reader{}
	switch {
	case len(blob) < header:
		r.fail("fewer bytes than a header")
	case !bytes.Contains(versions, blob[:1]):
		r.fail("a version that this program does not know")
	case binary.LittleEndian.Uint32(blob[1:]) != checksum(blob[header:]):
		r.fail("a wrong checksum")
	default:
		r.version, r.rest = blob[0], blob[header:]
	}
	return r
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = monitor.Errorf(monitor.Internal, "damaged results: %s", what)
	}
	r.rest = nil
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail("an early end")
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail("a bad number")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 { return unzigzag(r.uvarint()) }

// count reads a number that must not be above limit.
func (r *reader) count(limit int) int {
	v := r.uvarint()
	if v > uint64(limit) {
		r.fail("a count out of bounds")
		return 0
	}
	return int(v)
}

// bytes returns the next n bytes, not copied.
func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail("an early end")
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

// end fails where something is left over.
func (r *reader) end() error {
	if len(r.rest) > 0 {
		r.fail("bytes left over")
	}
	return r.err
}
