package kafka_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(s *kafka.Settings)
		want   string
	}{
		"no broker":                    {func(s *kafka.Settings) { s.Brokers = nil }, "MONITOR_KAFKA_BROKERS: must name at least one"},
		"a broker without a port":      {func(s *kafka.Settings) { s.Brokers = []string{"a:1", "b"} }, `MONITOR_KAFKA_BROKERS: must be host:port,host:port without spaces, got "a:1,b"`},
		"a broker without a host":      {func(s *kafka.Settings) { s.Brokers = []string{":1"} }, "MONITOR_KAFKA_BROKERS: must be host:port"},
		"brokers with a space":         {func(s *kafka.Settings) { s.Brokers = []string{"a:1", " b:2"} }, "MONITOR_KAFKA_BROKERS: must be host:port"},
		"an unknown mechanism":         {func(s *kafka.Settings) { s.Mechanism = "GSSAPI" }, `MONITOR_KAFKA_MECHANISM: must be SCRAM-SHA-512, SCRAM-SHA-256, PLAIN, got "GSSAPI"`},
		"a user without password":      {func(s *kafka.Settings) { s.User = "u" }, "MONITOR_KAFKA_PASSWORD: must be set"},
		"two passwords":                {func(s *kafka.Settings) { s.Password, s.PasswordFile = "p", "f" }, "MONITOR_KAFKA_PASSWORD_FILE: must not be set beside"},
		"a plain password, no TLS":     {func(s *kafka.Settings) { s.User, s.Password, s.Mechanism = "u", "p", "PLAIN" }, "MONITOR_KAFKA_TLS: must be true where"},
		"a certificate without key":    {func(s *kafka.Settings) { s.TLS, s.Certificate = true, "c" }, "MONITOR_KAFKA_KEY: must be set"},
		"certificates without TLS":     {func(s *kafka.Settings) { s.Authority = "a" }, "MONITOR_KAFKA_TLS: must be true where there are"},
		"an authority that is nowhere": {func(s *kafka.Settings) { s.TLS, s.Authority = true, "nowhere" }, "MONITOR_KAFKA_CA: the file cannot be read"},
		"an authority that is empty":   {func(s *kafka.Settings) { s.TLS, s.Authority = true, empty }, "MONITOR_KAFKA_CA: " + empty + " holds no certificate"},
		"a key that is no key":         {func(s *kafka.Settings) { s.TLS, s.Certificate, s.Key = true, empty, empty }, "MONITOR_KAFKA_CERTIFICATE: the certificate and its key"},
		"an instance with a space":     {func(s *kafka.Settings) { s.Instance = "pod 0" }, `MONITOR_KAFKA_INSTANCE: must be 1 to 249 of the characters a-z A-Z 0-9 . _ -, got "pod 0"`},
		"an instance that is too long": {func(s *kafka.Settings) { s.Instance = strings.Repeat("x", 250) }, "MONITOR_KAFKA_INSTANCE: must be 1 to 249"},
		"a password file not there":    {func(s *kafka.Settings) { s.User, s.PasswordFile = "u", "nowhere" }, "MONITOR_KAFKA_PASSWORD_FILE: the file cannot be read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := plain("127.0.0.1:1")
			test.change(&settings)
			_, err := kafka.NewSender(settings, "test", "events")
			if monitor.CodeOf(err) != monitor.Invalid || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	settings := plain("127.0.0.1:1")
	settings.User, settings.Password = "u", "hunter2"
	var lines bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&lines, nil), slog.NewJSONHandler(&lines, nil)} {
		slog.New(handler).Info("settings", telemetry.KeySource, settings, telemetry.KeyReason, settings.Password)
	}
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	shown := lines.String() + string(text) + fmt.Sprintf("%v %+v %#v %s %q", settings, settings, settings, settings.Password, settings.Password)
	if strings.Contains(shown, "hunter2") {
		t.Errorf("the password is shown:\n%s", shown)
	}
}

func TestPartitioner(t *testing.T) {
	t.Parallel()
	all := kafka.NewPartitioner("events")
	for _, shards := range []int{16, 64, 1024} {
		counts := map[int32]int{}
		for shard := range shards {
			partition, err := all.Partition(&sarama.ProducerMessage{Key: sarama.StringEncoder(strconv.Itoa(shard))}, 16)
			if err != nil {
				t.Fatal(err)
			}
			counts[partition]++
		}
		for partition := range int32(16) {
			if counts[partition] != shards/16 {
				t.Errorf("%d shards: got %d on partition %d, want %d", shards, counts[partition], partition, shards/16)
			}
		}
	}
	for _, key := range []string{"a", "shop/cart", "-1", "99999999999999999999"} {
		record := &sarama.ProducerMessage{Key: sarama.StringEncoder(key)}
		first, err := all.Partition(record, 7)
		second, _ := all.Partition(record, 7)
		if err != nil || first != second || first < 0 || first >= 7 {
			t.Errorf("key %q: got partitions %d and %d, %v, want one of 7", key, first, second, err)
		}
	}
}
