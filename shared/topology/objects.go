package topology

import (
	"cmp"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"
)

func (r *reader) broker(m manifest) {
	if class := m.annotations[annotationClass]; class != "Kafka" {
		r.faultAt(m.place, "Broker %s: the annotation %s must be Kafka, got %q", m.name, annotationClass, class)
	}
	r.topology.Broker, r.topology.Topic = m.name, m.annotations[annotationTopic]
	var ignored string
	r.object(m.spec, "spec", fields{
		"config": func(node *yaml.Node) {
			r.object(node, "spec.config", fields{
				"apiVersion": r.word("spec.config.apiVersion", &ignored, "v1"),
				"kind":       r.text("spec.config.kind", &ignored),
				"name":       r.text("spec.config.name", &ignored),
				"namespace":  r.text("spec.config.namespace", &ignored),
			}, "apiVersion", "kind", "name")
		},
	})
}

func (r *reader) sink(m manifest) {
	var topic, ignored string
	complete := r.object(m.spec, "spec", fields{
		"topic":            r.text("spec.topic", &topic),
		"bootstrapServers": r.items("spec.bootstrapServers", r.text("spec.bootstrapServers", &ignored)),
	}, "topic", "bootstrapServers")
	if !complete {
		return
	}
	if r.topology.Sinks == nil {
		r.topology.Sinks = map[string]string{}
	}
	r.topology.Sinks[m.name] = topic
}

// tickParser reads what a PingSource may say: five fields or six, the first of
// them seconds, or a descriptor such as @hourly.
var tickParser = cron.NewParser(
	cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

func (r *reader) tick(m manifest) {
	tick := Tick{Name: m.name, place: m.place}
	tick.Source = "/apis/v1/namespaces/" + cmp.Or(m.namespace, "default") + "/pingsources/" + m.name
	var schedule, zone, data string
	var where *yaml.Node
	complete := r.object(m.spec, "spec", fields{
		"schedule":    func(node *yaml.Node) { where = node; r.text("spec.schedule", &schedule)(node) },
		"timezone":    r.text("spec.timezone", &zone),
		"contentType": r.text("spec.contentType", &tick.ContentType),
		"data":        r.text("spec.data", &data),
		"sink":        r.destination("spec.sink", &Ref{}, "Broker"),
	}, "schedule", "sink")
	if !complete || schedule == "" {
		return
	}
	line := schedule
	if zone != "" {
		line = "CRON_TZ=" + zone + " " + schedule
	}
	var err error
	if tick.Schedule, err = tickParser.Parse(line); err != nil {
		r.fault(where, "spec.schedule %q is no cron schedule: %v", schedule, err)
		return
	}
	tick.Data = []byte(data)
	r.topology.Ticks = append(r.topology.Ticks, tick)
}
