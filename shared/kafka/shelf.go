package kafka

import (
	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// arrival is a record with the event that it holds, or why it holds none.
type arrival struct {
	record *sarama.ConsumerMessage
	event  events.Event
	fault  error
}

// shelf keeps the records of a partition that wait for their turn. It takes as
// many as a share has, and no more before these are gone. A client does not ask a
// broker for anything as long as one partition keeps taking what it got, however
// slowly: so a partition whose handler is slow must either take all of it at once
// or nothing for the time to stall.
type shelf struct {
	records []*sarama.ConsumerMessage
	first   *arrival // of the first record; nil: it was not looked at
	size    int      // bytes, about
	full    bool
}

func sizeOf(record *sarama.ConsumerMessage) int { return len(record.Value) + usualHeaders }

func (s *shelf) put(record *sarama.ConsumerMessage) {
	s.records = append(s.records, record)
	s.size += sizeOf(record)
	s.full = s.size >= fetchPartition
}

// next returns the first record that is not passed over; nil: there is none.
func (s *shelf) next(pass func(*arrival) bool) *arrival {
	for s.first == nil && len(s.records) > 0 {
		found := &arrival{record: s.records[0]}
		found.event, found.fault = eventOf(found.record)
		if s.first = found; pass(found) {
			s.drop()
		}
	}
	return s.first
}

// drop takes the first record off.
func (s *shelf) drop() {
	s.size -= sizeOf(s.records[0])
	s.records[0], s.first = nil, nil
	if s.records = s.records[1:]; len(s.records) == 0 {
		*s = shelf{}
	}
}
