package kafka

import (
	"encoding/base64"
	"encoding/binary"
	"math"

	"github.com/IBM/sarama"
)

// bookmark is a point in a topic.
type bookmark struct {
	topic sarama.Uuid
	next  []int64 // the offset of the next record, by partition
}

// bookmarkForm is the first byte of a position: which form the others have.
const bookmarkForm = 1

// maxPosition is how long a position may be, in characters: that of a topic
// with a thousand partitions fits.
const maxPosition = 16 << 10

// text returns the bookmark as a position: in base64 the form, the topic's ID, and
// the offsets as varints.
func (p *bookmark) text() string {
	out := make([]byte, 0, 1+len(p.topic)+6*len(p.next))
	out = append(append(out, bookmarkForm), p.topic[:]...)
	for _, offset := range p.next {
		out = binary.AppendUvarint(out, uint64(offset)) //nolint:gosec // offsets are not negative
	}
	return base64.RawURLEncoding.EncodeToString(out)
}

// parseBookmark returns the bookmark that a position names. The position may come from
// anybody: what text does not write is none.
func parseBookmark(position string) (*bookmark, bool) {
	if len(position) > maxPosition {
		return nil, false
	}
	in, err := base64.RawURLEncoding.DecodeString(position)
	p := &bookmark{}
	if err != nil || len(in) < 1+len(p.topic) || in[0] != bookmarkForm {
		return nil, false
	}
	offsets := in[1+copy(p.topic[:], in[1:]):]
	for len(offsets) > 0 {
		offset, size := binary.Uvarint(offsets)
		if size <= 0 || offset > math.MaxInt64 {
			return nil, false
		}
		p.next, offsets = append(p.next, int64(offset)), offsets[size:]
	}
	if p.text() != position {
		return nil, false
	}
	return p, true
}

// fits reports whether the bookmark is one in the topic as it is now.
func (p *bookmark) fits(now *layout) bool {
	return p.topic == now.topic && len(p.next) == now.partitions
}
