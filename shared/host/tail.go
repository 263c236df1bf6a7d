package host

import (
	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// tailKafka is the value of MONITOR_TAIL that names the topic of the wiring.
const tailKafka = "kafka"

// Tail returns what shows new results and incidents. The address is the http://
// stream of a broker, or kafka for the topic of the wiring, which is the default
// where events travel by Kafka. Invalid: it cannot be, or does not fit to how
// events travel.
func (e Env) Tail(address string) (events.Tail, error) {
	switch {
	case e.kafka != nil && (address == "" || address == tailKafka):
		return e.kafka.Tail, nil
	case e.kafka != nil:
		return nil, monitor.FieldErrorf("MONITOR_TAIL", "must be kafka or empty where MONITOR_EVENTS is kafka: what comes is in the topic, got %q", address)
	case address == "":
		return nil, monitor.FieldErrorf("MONITOR_TAIL", "must be set where MONITOR_EVENTS is http: the http:// stream of a broker, or kafka for its topic")
	case address == tailKafka:
		return e.topic()
	default:
		return serve.Tail(address, e.Log)
	}
}

// topic returns the tail of the topic for a process whose own events travel over
// HTTP: a Knative broker keeps them in the same topic.
func (e Env) topic() (events.Tail, error) {
	var settings kafkaSettings
	if err := Load(&settings); err != nil {
		return nil, err
	}
	wiring, err := topology.Load(knative.Files, e.Settings.Slot)
	if err != nil {
		return nil, err
	}
	return kafka.NewTail(settings.Settings, wiring.Topic, e.Log), nil
}
