package couchbase

import (
	"context"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

// latestStart is the year 6429: what begins later cannot be a time of a result.
const latestStart = monitor.Instant(1) << 47

func windowKey(k monitor.WindowKey) string {
	return key("w", k.Endpoint+"@"+k.Location, strconv.FormatInt(int64(k.Start), 10))
}

func checkWindow(start monitor.Instant) error {
	if start < 0 || start > latestStart || start != start.Floor(monitor.WindowSpan) {
		return monitor.FieldErrorf("start", "must be the start of a window, got %d", start)
	}
	return nil
}

// Windows implements storage.Folds.
func (s *Store) Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error) {
	windows := make([]monitor.Window, len(keys))
	for i, key := range keys {
		windows[i] = monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
		if err := checkWindow(key.Start); err != nil {
			return nil, err
		}
	}
	return windows, s.readAll(ctx, layout.Windows, len(keys),
		func(i int) (namespace, key string) { return monitor.NamespaceOf(keys[i].Endpoint), windowKey(keys[i]) },
		func(i int, found link.Document) error {
			windows[i].Revision = found.CAS
			return rows.ReadWindow(found.Body, &windows[i])
		})
}

// readAll reads count documents of a collection that namespaces have, and hands on
// those that are there.
func (s *Store) readAll(ctx context.Context, collection string, count int, name func(i int) (namespace, key string), take func(i int, found link.Document) error) error {
	places, keys := map[string][]int{}, map[string][]string{}
	for i := range count {
		namespace, key := name(i)
		bucket, err := s.namespaceBucket(ctx, namespace)
		if err != nil {
			return err
		}
		places[bucket], keys[bucket] = append(places[bucket], i), append(keys[bucket], key)
	}
	for bucket := range places {
		found, err := s.link.Collection(bucket, collection).GetAll(ctx, keys[bucket])
		if err != nil {
			return err
		}
		for n, document := range found {
			if document.CAS == 0 {
				continue
			}
			if err := take(places[bucket][n], document); err != nil {
				return monitor.Wrap(monitor.CodeOf(err), err, "read the document %s", keys[bucket][n])
			}
		}
	}
	return nil
}

func (s *Store) windowWrite(ctx context.Context, window *monitor.Window) (bucket string, write link.Write, err error) {
	if err := checkWindow(window.Start); err != nil {
		return "", link.Write{}, err
	}
	if bucket, err = s.namespaceBucket(ctx, monitor.NamespaceOf(window.Endpoint)); err != nil {
		return "", link.Write{}, err
	}
	body, err := rows.AppendWindow(nil, s.link.Stamp(), window)
	return bucket, link.Write{
		Key:  windowKey(monitor.WindowKey{Endpoint: window.Endpoint, Location: window.Location, Start: window.Start}),
		Body: body, CAS: window.Revision,
		Expire: window.Start.Add(monitor.WindowSpan + s.options.Retention).Time(),
	}, err
}
