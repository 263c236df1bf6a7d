package kafka_test

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
)

func TestKafka(t *testing.T) {
	t.Parallel()
	start := func(t testing.TB, setup deliverytest.Setup) deliverytest.Host {
		t.Helper()
		return host(t, fake(t), setup)
	}
	deliverytest.Run(t, start)
	deliverytest.RunTail(t, start)
}
