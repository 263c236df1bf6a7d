package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// How often the brokers are asked how far all is, and how long they have.
const (
	surveyEvery   = 15 * time.Second
	surveyTimeout = 10 * time.Second
)

// survey is what the brokers said.
type survey struct {
	asked   time.Time
	starts  map[int32]int64              // first offset of each partition
	ends    map[int32]int64              // behind the last one
	groups  map[*trigger]map[int32]int64 // where groups go on of which this process is no member
	written map[place]time.Time          // when records were that groups go on with, and that nobody has in hand
}

// surveyor asks the brokers, for all Triggers in one place: a consumer that is
// blocked fetches nothing, and does not see that its topic grows.
type surveyor struct {
	subject  subject
	triggers []*trigger
	every    time.Duration
	client   sarama.Client // nil: to be made

	mu    sync.Mutex
	found *survey // nil: the brokers did not say
	fault error   // why no broker answers a new client; nil: one did
}

func newSurveyor(of subject, triggers []*trigger) *surveyor {
	return &surveyor{subject: of, triggers: triggers, every: surveyEvery}
}

// run asks until ctx ends. Where brokers do not answer a client that they knew,
// a new one is made at once, and what keeps it from its work is kept.
func (s *surveyor) run(ctx context.Context) {
	for {
		again := s.client != nil
		found, err := s.ask(ctx)
		if err != nil && again {
			found, err = s.ask(ctx)
		}
		s.keep(found, err)
		if !pause(ctx, s.every) {
			break
		}
	}
	s.keep(nil, nil)
	s.hangUp()
}

// keep keeps what was found, or, where nothing was, what inspect says of it.
func (s *surveyor) keep(found *survey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault = nil; err == nil {
		s.found = found
		return
	}
	s.found = nil // as what was true is not shown as if it were
	if said, ok := errors.AsType[*monitor.Error](err); ok {
		s.fault = said
	}
}

// broken returns why no broker answers; nil where nothing is known to be wrong.
func (s *surveyor) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// last returns what the brokers said when they were asked last, or nil.
func (s *surveyor) last() *survey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.found
}

func (s *surveyor) ask(ctx context.Context) (*survey, error) {
	ctx, cancel := context.WithTimeout(ctx, surveyTimeout)
	defer cancel()
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	client := s.client
	stop := context.AfterFunc(ctx, func() { _ = client.Close() }) // its requests fail then
	found, err := s.survey(client)
	if err != nil || !stop() {
		s.hangUp()
	}
	return found, err
}

func (s *surveyor) connect(ctx context.Context) error {
	if s.client != nil {
		return nil
	}
	if err := inspect(ctx, s.subject, toRead()); err != nil {
		return err
	}
	config, err := s.subject.settings.config("monitor-lag")
	if err != nil {
		return err
	}
	config.Metadata.Retry.Max = 0
	config.Net.ReadTimeout, config.Net.WriteTimeout = surveyTimeout, surveyTimeout
	s.client, err = newClient(s.subject.settings, config)
	return err
}

func (s *surveyor) hangUp() {
	if s.client != nil {
		_ = s.client.Close() // it may be closed already
		s.client = nil
	}
}

func (s *surveyor) survey(client sarama.Client) (*survey, error) {
	if err := client.RefreshMetadata(s.subject.topic); err != nil {
		return nil, err
	}
	found := &survey{groups: map[*trigger]map[int32]int64{}, written: map[place]time.Time{}}
	var err error
	if found.starts, err = offsetsOf(client, s.subject.topic, sarama.OffsetOldest); err != nil {
		return nil, err
	}
	found.asked = time.Now()
	if found.ends, err = offsetsOf(client, s.subject.topic, sarama.OffsetNewest); err != nil {
		return nil, err
	}
	for _, t := range s.triggers {
		if joined, _ := t.membership.standing(); t.handler == nil || joined {
			continue
		}
		if next, err := committed(client, t.subject, found.starts); err == nil {
			found.groups[t] = next // of the others it is not known, and that is shown
		}
	}
	return found, s.date(client, found)
}

// committed returns where the group goes on: where it has committed nothing, it
// begins with what is there.
func committed(client sarama.Client, of subject, starts map[int32]int64) (map[int32]int64, error) {
	coordinator, err := client.Coordinator(of.group)
	if err != nil {
		return nil, err
	}
	out := map[int32]int64{}
	question := map[string][]int32{}
	for partition, start := range starts {
		out[partition] = start
		question[of.topic] = append(question[of.topic], partition)
	}
	answer, err := coordinator.FetchOffset(sarama.NewOffsetFetchRequest(client.Config().Version, of.group, question))
	if err != nil {
		return nil, err
	}
	if err := answer.GroupError(); err != sarama.ErrNoError {
		return nil, err
	}
	for partition := range starts {
		block := answer.GetBlock(of.topic, partition)
		switch {
		case block == nil:
			return nil, sarama.ErrIncompleteResponse
		case block.Err != sarama.ErrNoError:
			return nil, block.Err
		default:
			out[partition] = max(out[partition], block.Offset)
		}
	}
	return out, nil
}

// date asks when records were written that somebody waits for and nobody has in
// hand: they are not fetched, or not here.
func (s *surveyor) date(client sarama.Client, found *survey) error {
	for _, t := range s.triggers {
		for _, at := range t.progress(found) {
			if at.lag() == 0 || !at.written.IsZero() {
				continue
			}
			if _, known := found.written[at.place]; known {
				continue
			}
			written, err := writtenAt(client, s.subject.topic, at.place)
			if err != nil {
				return err
			}
			found.written[at.place] = written
		}
	}
	return nil
}
