package kafka_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// TestSilentBroker has the first of two addresses take connections and say
// nothing, as a broker that is frozen does. Whoever asks again and again, each
// time for less long than it takes to give up on that one, comes to the other.
func TestSilentBroker(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	settings := fake(t)
	topic := own(t, settings, wired(true)).Topic
	settings.Brokers = append([]string{silent.Addr().String()}, settings.Brokers...)
	until(t, "the other broker answers", patience, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		return kafka.Inspect(ctx, settings, topic) == nil
	})
}

// TestSilentBrokers has most brokers take connections and say nothing: within one
// question the next one is asked.
func TestSilentBrokers(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	topic := own(t, settings, wired(true)).Topic
	for range 2 {
		silent, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		settings.Brokers = append(settings.Brokers, silent.Addr().String())
	}
	if err := kafka.Inspect(t.Context(), settings, topic); err != nil {
		t.Errorf("got %v, want nil from the broker that answers", err)
	}
	if err := kafka.Inspect(t.Context(), settings, "missing"); err == nil || !strings.Contains(err.Error(), "Kafka has no topic missing") {
		t.Errorf("got %v, want what the broker says that answers", err)
	}
}
