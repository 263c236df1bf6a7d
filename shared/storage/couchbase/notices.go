package couchbase

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// noticeDocument is one notice. Its revision is its CAS.
type noticeDocument struct {
	By     string         `json:"by"`
	Notice monitor.Notice `json:"notice"`
}

// noticeList has keys of notices: all of an incident, or those of a shard that are
// pending and some that are not any more.
type noticeList struct {
	By   string   `json:"by"`
	Keys []string `json:"keys"` // sorted
	cas  int64
}

func noticeKey(n *monitor.Notice) string {
	return key("n", n.Incident, strconv.Itoa(n.Sequence), n.Channel)
}

func noticesOfKey(incident string) string { return key("of", incident) }

func pendingKey(shard int) string { return key("p", strconv.Itoa(shard)) }

// SaveNotices implements storage.Notices. A notice counts once the lists name it,
// so what is cut short in between shows nothing, and the call is made again.
func (s *Store) SaveNotices(ctx context.Context, notices []monitor.Notice) error {
	collection, err := s.metadata(ctx, layout.Notices)
	if err != nil {
		return err
	}
	of, pending := map[string][]string{}, map[string][]string{}
	for i := range notices {
		n := &notices[i]
		if err := s.insertNotice(ctx, collection, n); err != nil {
			return err
		}
		of[noticesOfKey(n.Incident)] = append(of[noticesOfKey(n.Incident)], noticeKey(n))
		pending[pendingKey(n.Shard)] = append(pending[pendingKey(n.Shard)], noticeKey(n))
	}
	for _, list := range slices.Sorted(maps.Keys(of)) {
		if err := s.listNotices(ctx, collection, list, of[list], false); err != nil {
			return err
		}
	}
	for _, list := range slices.Sorted(maps.Keys(pending)) {
		if err := s.listNotices(ctx, collection, list, pending[list], true); err != nil {
			return err
		}
	}
	return nil
}

// insertNotice keeps the notice unless it is there.
func (s *Store) insertNotice(ctx context.Context, collection *link.Collection, n *monitor.Notice) error {
	body, err := encode(noticeKey(n), noticeDocument{By: s.link.Stamp(), Notice: *n})
	if err != nil {
		return err
	}
	_, err = collection.Swap(ctx, link.Write{Key: noticeKey(n), Body: body}, link.Majority)
	if errors.Is(err, monitor.Conflict) {
		return nil
	}
	return err
}

// listNotices puts the keys on the list. With always it writes even where all of
// them are there: who takes finished ones off the list has looked at them before,
// and must find out that they were saved again.
func (s *Store) listNotices(ctx context.Context, collection *link.Collection, list string, keys []string, always bool) error {
	_, err := collection.Update(ctx, list, link.Majority, func(found link.Document) (link.Write, bool, error) {
		var stored noticeList
		if err := parse(list, found, &stored); err != nil {
			return link.Write{}, false, err
		}
		merged := slices.Compact(slices.Sorted(slices.Values(slices.Concat(stored.Keys, keys))))
		if !always && len(merged) == len(stored.Keys) {
			return link.Write{}, false, nil
		}
		body, err := encode(list, noticeList{By: s.link.Stamp(), Keys: merged})
		return link.Write{Body: body}, err == nil, err
	})
	return err
}

// PendingNotices implements storage.Notices. It takes those that are finished off
// the shard's list.
func (s *Store) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	collection, err := s.metadata(ctx, layout.Notices)
	if err != nil {
		return nil, err
	}
	list, notices, err := readNotices(ctx, collection, pendingKey(shard))
	if err != nil {
		return nil, err
	}
	pending := slices.DeleteFunc(notices, func(n monitor.Notice) bool { return !n.Pending() })
	if len(pending) < len(list.Keys) {
		s.tidy(ctx, collection, link.Write{Key: pendingKey(shard), CAS: list.cas}, pending)
	}
	slices.SortFunc(pending, func(a, b monitor.Notice) int {
		return cmp.Or(cmp.Compare(a.Incident, b.Incident), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Sequence, b.Sequence))
	})
	return pending, nil
}

// tidy leaves only the pending ones on the list, if it is still as it was before
// they were read. What keeps it from that, keeps it the next time as well or not.
// Whoever reads waits for it, so it waits for no replica: a list that a node has lost
// the tidying of is tidied again.
func (s *Store) tidy(ctx context.Context, collection *link.Collection, write link.Write, pending []monitor.Notice) {
	left := noticeList{By: s.link.Stamp(), Keys: []string{}}
	for i := range pending {
		left.Keys = append(left.Keys, noticeKey(&pending[i]))
	}
	slices.Sort(left.Keys)
	body, err := encode(write.Key, left)
	if err != nil {
		return
	}
	write.Body = body
	_, _ = collection.Swap(ctx, write, link.Active)
}

// NoticesOf implements storage.Notices.
func (s *Store) NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error) {
	collection, err := s.metadata(ctx, layout.Notices)
	if err != nil {
		return nil, err
	}
	_, notices, err := readNotices(ctx, collection, noticesOfKey(incident))
	slices.SortFunc(notices, func(a, b monitor.Notice) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Channel, b.Channel))
	})
	return notices, err
}

// readNotices returns a list, and the notices that are on it as they were after it.
func readNotices(ctx context.Context, collection *link.Collection, name string) (noticeList, []monitor.Notice, error) {
	found, err := collection.Get(ctx, name)
	if err != nil {
		return noticeList{}, nil, err
	}
	list := noticeList{cas: found.CAS}
	if err := parse(name, found, &list); err != nil {
		return list, nil, err
	}
	documents, err := collection.GetAll(ctx, list.Keys)
	if err != nil {
		return list, nil, err
	}
	var notices []monitor.Notice
	for i, document := range documents {
		var one noticeDocument
		if err := parse(list.Keys[i], document, &one); err != nil {
			return list, nil, err
		}
		if document.CAS != 0 {
			one.Notice.Revision = document.CAS
			notices = append(notices, one.Notice)
		}
	}
	return list, notices, nil
}

// UpdateNotice implements storage.Notices.
func (s *Store) UpdateNotice(ctx context.Context, notice monitor.Notice) (int64, error) {
	collection, err := s.metadata(ctx, layout.Notices)
	if err != nil {
		return 0, err
	}
	if notice.Revision == 0 {
		return 0, missedNotice(ctx, collection, &notice)
	}
	body, err := encode(noticeKey(&notice), noticeDocument{By: s.link.Stamp(), Notice: notice})
	if err != nil {
		return 0, err
	}
	revision, err := collection.Swap(ctx, link.Write{Key: noticeKey(&notice), Body: body, CAS: notice.Revision}, link.Majority)
	if errors.Is(err, monitor.Conflict) {
		return 0, missedNotice(ctx, collection, &notice)
	}
	return revision, err
}

// missedNotice says why an update found nothing to change.
func missedNotice(ctx context.Context, collection *link.Collection, notice *monitor.Notice) error {
	found, err := collection.Get(ctx, noticeKey(notice))
	switch {
	case err != nil:
		return err
	case found.CAS == 0:
		return monitor.Errorf(monitor.NotFound, "there is no notice %d of incident %q to %s",
			notice.Sequence, notice.Incident, notice.Channel)
	default:
		return monitor.Errorf(monitor.Conflict, "the notice has changed since revision %d: read again, then write again",
			notice.Revision)
	}
}
