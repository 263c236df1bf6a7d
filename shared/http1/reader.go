package http1

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const bufferSize = 4 << 10

// Buffers are what answers are read into. Many connections share them, for an
// idle one holds none. The zero value is ready; it is safe for concurrent use.
type Buffers struct{ pool sync.Pool }

func (b *Buffers) lend(from io.Reader) *reader {
	r, ok := b.pool.Get().(*reader)
	if !ok {
		r = new(reader)
	}
	r.from, r.buffer = from, r.own[:]
	return r
}

func (b *Buffers) takeBack(r *reader) {
	r.from, r.buffer, r.start, r.end, r.first = nil, nil, 0, 0, time.Time{}
	b.pool.Put(r)
}

// reader reads one answer. Its bytes are lent.
type reader struct {
	from   io.Reader
	buffer []byte    // what may be filled
	start  int       // of what was read and not used
	end    int       // behind it
	first  time.Time // when the first byte came
	own    [bufferSize]byte
}

// rest is how many bytes were read beyond the answer.
func (r *reader) rest() int { return r.end - r.start }

// more reads at least one byte into the buffer, behind what it holds.
func (r *reader) more() error {
	if r.start == r.end {
		r.start, r.end = 0, 0
	}
	if r.end == len(r.buffer) {
		r.room()
	}
	n, err := r.from.Read(r.buffer[r.end:])
	if n > 0 && r.first.IsZero() {
		r.first = time.Now()
	}
	r.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// room makes place behind what the buffer holds.
func (r *reader) room() {
	if r.start > 0 {
		r.end = copy(r.buffer, r.buffer[r.start:r.end])
		r.start = 0
		return
	}
	larger := make([]byte, 2*len(r.buffer))
	copy(larger, r.buffer[:r.end])
	r.buffer = larger
}

// head reads a whole head. It returns the bytes up to and with the empty line,
// which are good until the next read.
func (r *reader) head() ([]byte, error) {
	for searched := 0; ; {
		held := r.buffer[r.start:r.end]
		if i := bytes.Index(held[searched:], endOfHead); i >= 0 {
			size := searched + i + len(endOfHead)
			r.start += size
			return held[:size], nil
		}
		searched = max(len(held)-len(endOfHead)+1, 0)
		if n := min(len(held), len(version)); len(held) >= MaxHead || !bytes.Equal(held[:n], version[:n]) {
			return nil, ErrUnusual
		}
		if err := r.more(); err != nil {
			if len(held) > 0 {
				err = cut(err)
			}
			return nil, err
		}
	}
}

// line reads up to the next line end (CR LF), without it.
func (r *reader) line(longest int) ([]byte, error) {
	for searched := 0; ; {
		held := r.buffer[r.start:r.end]
		if i := bytes.Index(held[searched:], endOfLine); i >= 0 {
			size := searched + i
			r.start += size + len(endOfLine)
			return held[:size], nil
		}
		searched = max(len(held)-1, 0)
		if len(held) > longest {
			return nil, ErrUnusual
		}
		if err := r.more(); err != nil {
			return nil, cut(err)
		}
	}
}

// fill reads as many bytes as fit into the slice, and says how many came.
func (r *reader) fill(into []byte) (int, error) {
	held := copy(into, r.buffer[r.start:r.end])
	r.start += held
	if held == len(into) {
		return held, nil
	}
	n, err := io.ReadFull(r.from, into[held:])
	return held + n, cut(err)
}

// skip reads so many bytes and forgets them. It says how many came.
func (r *reader) skip(count int64) (int64, error) {
	for left := count; ; {
		held := min(int64(r.end-r.start), left)
		r.start += int(held)
		if left -= held; left == 0 {
			return count, nil
		}
		if err := r.more(); err != nil {
			return count - left, cut(err)
		}
	}
}
