package rows

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

var latestFields = []string{"by", "latest"}

// AppendLatest appends the document of the latest results of a shard, which names
// its writer: {"by": "…", "latest": [["shop/cart", "local", [1777593600120, …]], …]},
// with due times since 1970.
func AppendLatest(dst []byte, by string, latest []monitor.Result) []byte {
	dst = appendText(append(dst, `{"by":`...), by)
	dst = append(dst, `,"latest":[`...)
	for i := range latest {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, '['), latest[i].Endpoint)
		dst = appendText(append(dst, ','), latest[i].Location)
		dst = appendRow(append(dst, ','), &latest[i], 0, usual{})
		dst = append(dst, ']')
	}
	return append(dst, "]}"...)
}

// ReadLatest returns the results of a document. Internal: AppendLatest did not write
// it. The document is not kept.
func ReadLatest(body []byte) (latest []monitor.Result, err error) {
	err = read(body, latestFields, func(s *scanner) {
		s.literal(`{"by":`)
		s.text("")
		s.literal(`,"latest":[`)
		latest = s.latest()
		s.literal("]}")
	})
	return latest, err
}

func (s *scanner) latest() []monitor.Result {
	if s.bad || s.at < len(s.data) && s.data[s.at] == ']' {
		return nil
	}
	var latest []monitor.Result
	before := &monitor.Result{}
	for {
		latest = append(latest, monitor.Result{})
		last := &latest[len(latest)-1]
		s.literal("[")
		last.Endpoint = s.text(before.Endpoint)
		s.literal(",")
		last.Location = s.text(before.Location)
		s.literal(",")
		s.row(last, before, 0, usual{})
		s.literal("]")
		before = last
		if !s.found(',') {
			return latest
		}
	}
}
