package schedule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestSkipped(t *testing.T) {
	t.Parallel()
	t.Run("slots without a tick are recorded, with their checks and the reason", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		handle := l.scheduler(nil)
		l.tick(t, handle) // plans slots 0 and 1
		l.at(start.Add(5*slot + time.Second))
		due, _ := l.tick(t, handle)
		if diff := cmp.Diff([]monitor.Instant{start.Add(5 * slot), start.Add(6 * slot)}, slots(due)); diff != "" {
			t.Fatalf("slots (-want +got):\n%s", diff)
		}
		for i := range 7 {
			claim := l.claim(t, start.Add(time.Duration(i)*slot))
			want := ""
			if i >= 2 && i <= 4 {
				want = "no tick came in time"
			}
			if claim.Skipped != want || !claim.Sent || want != "" && claim.Checks != 10 {
				t.Errorf("slot %d: got %+v, want it to say %q", i, claim, want)
			}
		}
	})
	t.Run("a process that starts records what its forerunner could not", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.tick(t, l.scheduler(nil))
		l.at(start.Add(4 * slot))
		l.tick(t, l.scheduler(nil))
		for i := 2; i <= 3; i++ {
			if claim := l.claim(t, start.Add(time.Duration(i)*slot)); claim.Skipped != "no scheduler was running" {
				t.Errorf("slot %d: got %+v", i, claim)
			}
		}
	})
	t.Run("a slot that was left unfinished is recorded too", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		if _, err := l.store.SaveClaim(t.Context(), monitor.Claim{Slot: start, Until: start.Add(5 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		l.at(start.Add(2 * slot))
		l.tick(t, l.scheduler(nil))
		if claim := l.claim(t, start); !strings.Contains(claim.Skipped, "stopped before") || claim.Checks != 10 {
			t.Fatalf("got %+v, want it skipped", claim)
		}
	})
	t.Run("a slot whose holder is still at work is left alone", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		if _, err := l.store.SaveClaim(t.Context(), monitor.Claim{Slot: start, Until: start.Add(12 * time.Second)}); err != nil {
			t.Fatal(err)
		}
		l.at(start.Add(slot))
		handle := l.scheduler(nil)
		l.tick(t, handle)
		if claim := l.claim(t, start); claim.Skipped != "" {
			t.Fatalf("got %+v, want it untouched", claim)
		}
		l.at(start.Add(2 * slot))
		l.tick(t, handle)
		if claim := l.claim(t, start); claim.Skipped == "" {
			t.Fatalf("got %+v, want it skipped once its time is up", claim)
		}
	})
	t.Run("of a long gap the last hour is recorded", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		handle := l.scheduler(nil)
		l.tick(t, handle)
		l.at(start.Add(3 * time.Hour))
		l.tick(t, handle)
		claims, err := l.store.Claims(t.Context(), start.Add(2*slot), start.Add(3*time.Hour))
		if err != nil || len(claims) != 360 || claims[0].Slot != start.Add(2*time.Hour) || claims[0].Skipped == "" {
			t.Fatalf("got %d claims, %v, want 360 skipped slots", len(claims), err)
		}
	})
	t.Run("before the first slot of all nothing was skipped", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.tick(t, l.scheduler(nil))
		if claims, err := l.store.Claims(t.Context(), 0, start); err != nil || len(claims) != 0 {
			t.Fatalf("got %v, %v, want none", claims, err)
		}
	})
}
