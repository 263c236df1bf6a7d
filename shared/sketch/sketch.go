package sketch

// Sketch sums up latencies in microseconds. The zero value is empty and ready
// to use. It serves one goroutine.
type Sketch struct {
	first  int     // the bucket of counts[0]
	counts []int64 // without gaps; empty buckets at both ends may be there
	total  int64
}

// New returns an empty sketch.
func New() *Sketch { return &Sketch{} }

// Reset empties the sketch, and keeps its room for what comes next.
func (s *Sketch) Reset() {
	clear(s.counts)
	s.total = 0
}

// Add enters one latency.
func (s *Sketch) Add(micros int64) { s.AddN(micros, 1) }

// AddN enters n equal latencies. n below 1 enters none.
func (s *Sketch) AddN(micros, n int64) {
	if n < 1 {
		return
	}
	bucket := bucketOf(micros)
	s.cover(bucket, bucket)
	s.counts[bucket-s.first] += n
	s.total += n
}

// Merge enters all that other holds. Other stays as it is.
func (s *Sketch) Merge(other *Sketch) {
	if other.total == 0 {
		return
	}
	s.cover(other.first, other.first+len(other.counts)-1)
	into := s.counts[other.first-s.first:]
	for i, n := range other.counts {
		into[i] += n
	}
	s.total += other.total
}

// Count returns how many latencies have been entered.
func (s *Sketch) Count() int64 { return s.total }

// Quantile returns the latency in microseconds below or at which the share q
// of all latencies lies, by the nearest rank, within Accuracy. Q is cut to 0
// to 1. An empty sketch gives 0.
func (s *Sketch) Quantile(q float64) int64 {
	if s.total == 0 {
		return 0
	}
	rank := int64(1)
	if q > 0 {
		rank = max(ceil(min(q, 1)*float64(s.total)), 1)
	}
	below := int64(0)
	last := s.first
	for i, n := range s.counts {
		if n == 0 {
			continue
		}
		below, last = below+n, s.first+i
		if below >= rank {
			break
		}
	}
	return latencyOf(last)
}

func ceil(f float64) int64 {
	whole := int64(f)
	if float64(whole) < f {
		whole++
	}
	return whole
}

// room is how many buckets one endpoint's latencies usually span.
const room = 48

// cover makes room for the buckets low to high, and for some around them.
func (s *Sketch) cover(low, high int) {
	if len(s.counts) == 0 {
		s.first = max(low-room/2, 0)
		s.counts = make([]int64, max(high-s.first+1, room))
		return
	}
	if low < s.first {
		first := max(low-room/2, 0)
		grown := make([]int64, s.first-first+len(s.counts))
		copy(grown[s.first-first:], s.counts)
		s.first, s.counts = first, grown
	}
	if missing := high - (s.first + len(s.counts) - 1); missing > 0 {
		s.counts = append(s.counts, make([]int64, missing+room/2)...)
	}
}
