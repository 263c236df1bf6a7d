package topology_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	got, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatalf("the manifests must load, got\n%v", err)
	}

	t.Run("puts whoever emits before whoever takes", func(t *testing.T) {
		t.Parallel()
		var names []string
		for _, trigger := range got.Triggers {
			names = append(names, trigger.Name)
		}
		want := []string{"schedule", "probe", "alert", "notify", "store", "rejected"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("order of Triggers (-want +got):\n%s", diff)
		}
	})

	t.Run("ticks fall on the slots", func(t *testing.T) {
		t.Parallel()
		at := got.Ticks[0].Schedule.Next(time.Date(2026, 1, 2, 3, 4, 11, 0, time.UTC))
		if want := time.Date(2026, 1, 2, 3, 4, 20, 0, time.UTC); !at.Equal(want) {
			t.Errorf("next tick: got %s, want %s", at, want)
		}
	})

	t.Run("only what is keyed by shard is ordered", func(t *testing.T) {
		t.Parallel()
		for _, trigger := range got.Triggers {
			name := trigger.Name
			if want := name == "store" || name == "alert" || name == "notify"; trigger.Ordered != want {
				t.Errorf("%s ordered: got %t, want %t", name, trigger.Ordered, want)
			}
		}
	})

	t.Run("the delivery is the Trigger's", func(t *testing.T) {
		t.Parallel()
		want := topology.Delivery{
			Retry: 10, Delay: 200 * time.Millisecond, Timeout: 130 * time.Second,
			DeadLetter: topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"},
		}
		for _, trigger := range got.Triggers {
			if trigger.Name == "store" && trigger.Delivery != want {
				t.Errorf("delivery of store: got %+v, want %+v", trigger.Delivery, want)
			}
		}
	})
}

func TestDeliveryWait(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		delivery topology.Delivery
		want     []time.Duration
	}{
		"exponential starts with twice the delay": {
			topology.Delivery{Delay: time.Second}, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second},
		},
		"linear grows by the delay": {
			topology.Delivery{Delay: time.Second, Linear: true}, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, want := range test.want {
				if got := test.delivery.Wait(i + 1); got != want {
					t.Errorf("wait %d: got %s, want %s", i+1, got, want)
				}
			}
		})
	}
}
