package standalone_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// pressedStore is a driver whose every call can fail, hang or be slow.
type pressedStore struct {
	storage.Store
	felt   *storagetest.Pressed
	driver drivers.Store
}

func press(driver drivers.Store) pressedStore {
	felt := storagetest.Press(driver)
	return pressedStore{felt, felt, driver}
}

// Maintain is the driver's, unless the store is away.
func (s pressedStore) Maintain(ctx context.Context, now monitor.Instant) error {
	if err := s.Ready(ctx); err != nil {
		return err
	}
	return s.driver.Maintain(ctx, now)
}

// Backup is the driver's.
func (s pressedStore) Backup(ctx context.Context, path string) error {
	return s.driver.Backup(ctx, path)
}

// logged is what was logged at Info and above.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes what is logged.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(strings.Lines(l.text.String()))
}

// pressedShop is a shop whose monitor has a store that can be away.
type pressedShop struct {
	shop
	bubbled
	store pressedStore
	log   logged
	data  string
}

func runPressed(t *testing.T, down ...spell) *pressedShop {
	t.Helper()
	p := &pressedShop{shop: shop{down: down}, data: t.TempDir()}
	p.bubbled = runInBubble(t, p.data, func(parts *standalone.Parts) {
		p.store = press(parts.Store)
		parts.Store = p.store
		p.open(parts)
		parts.Log = slog.New(slog.NewTextHandler(&p.log, nil))
	})
	return p
}

func moods() map[string]storagetest.Mood {
	return map[string]storagetest.Mood{
		"refuses": storagetest.Refuse, "hangs": storagetest.Hang(10 * time.Second), "is slow": storagetest.Slow(500 * time.Millisecond),
	}
}

// TestPressed has the whole store refuse, hang or be slow for an hour: nothing
// grows meanwhile, no result of a check that was made is lost, and what happens is
// told once and in order. It is not parallel: it counts goroutines.
func TestPressed(t *testing.T) {
	for name, mood := range moods() {
		t.Run("a store that "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := monitor.At(time.Now())
				at := func(minute int) monitor.Instant { return begin.Add(time.Duration(minute) * time.Minute) }
				p := runPressed(t, spell{from: at(5), to: at(15)}, spell{from: at(75), to: at(85)})
				sleepUntil(at(10))
				p.store.felt.Feel(mood)
				sleepUntil(at(20))
				p.holdsStill(t, func() { sleepUntil(at(70)) })
				p.store.felt.Feel(nil)
				sleepUntil(at(100)) // what was due until 94 is folded by then
				want := []string{"opened 00:05", "resolved 00:05", "opened 01:15", "resolved 01:15"}
				if diff := cmp.Diff(want, p.told); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				p.keptAll(t, begin, at(94))
			})
		})
	}
}

// holdsStill holds that nothing grows in 50 minutes: neither goroutines nor the log,
// and that the store is not asked more often than it is when all is well.
func (p *pressedShop) holdsStill(t *testing.T, wait func()) {
	t.Helper()
	goroutines, lines, calls := runtime.NumGoroutine(), len(p.log.lines()), p.store.felt.Calls()
	wait()
	if got := runtime.NumGoroutine(); got > goroutines+10 {
		t.Errorf("got %d goroutines, of which %d were there 50 minutes before, want no more", got, goroutines)
	}
	if got := p.log.lines()[lines:]; len(got) > 10 {
		t.Errorf("got %d lines in the log in 50 minutes, want few:\n%s", len(got), strings.Join(got[:10], ""))
	}
	if got := p.store.felt.Calls() - calls; got > 5*50*60 {
		t.Errorf("got %d calls of the store in 50 minutes, want a few a second", got)
	}
	if letters, err := os.ReadFile(filepath.Join(p.data, "dead-letters.jsonl")); err == nil {
		t.Errorf("got the dead letters %s, want none", letters)
	}
}

// keptAll holds that each check that was made has its result, once.
func (p *pressedShop) keptAll(t *testing.T, from, to monitor.Instant) {
	t.Helper()
	rows, err := p.store.Results(t.Context(), "shop/cart", dayLocation, from, to)
	if err != nil {
		t.Fatal(err)
	}
	var stored []monitor.Instant
	for i := range rows {
		if rows[i].Outcome != monitor.OutcomeUnknown {
			stored = append(stored, rows[i].Start)
		}
	}
	slices.Sort(stored)
	p.mu.Lock()
	defer p.mu.Unlock()
	made := slices.DeleteFunc(p.looked, func(at monitor.Instant) bool { return at >= to })
	if diff := cmp.Diff(made, stored); diff != "" {
		t.Errorf("checks that were made and results that are stored (-made +stored):\n%s", diff)
	}
}

// TestPressedHealth holds that the process answers how it is while the store
// hangs: it lives, and it is not ready.
func TestPressedHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := runPressed(t)
		time.Sleep(time.Minute)
		p.store.felt.Feel(storagetest.Hang(10 * time.Second))
		time.Sleep(time.Minute)
		for path, want := range map[string]int{"liveness": http.StatusOK, "readiness": http.StatusServiceUnavailable} {
			begun := time.Now()
			response, err := p.client.Get("http://" + dayAddr + "/health/" + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if took := time.Since(begun); response.StatusCode != want || took > 3*time.Second {
				t.Errorf("%s: got %d after %s, want %d within 3s", path, response.StatusCode, took, want)
			}
		}
		p.store.felt.Feel(nil)
		time.Sleep(time.Minute)
	})
}

// TestPressedStop ends the process while the store hangs, with all in hand that
// there can be: within a minute, whatever becomes of what it could not finish.
func TestPressedStop(t *testing.T) {
	t.Parallel()
	for _, waited := range []time.Duration{time.Second, 10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			now := monitor.At(time.Now())
			p := runPressed(t, spell{from: now.Add(50 * time.Second), to: now.Add(time.Hour)})
			time.Sleep(70 * time.Second)
			p.store.felt.Feel(storagetest.Hang(10 * time.Second))
			time.Sleep(waited)
			begun := time.Now()
			err := p.end()
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("it ended after %s with %v, want within a minute", took, err)
			}
		})
	}
}
