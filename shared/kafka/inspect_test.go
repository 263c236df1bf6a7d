package kafka_test

import (
	"context"
	"net"
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
