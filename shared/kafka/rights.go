package kafka

import (
	"maps"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// Resource is a kind of thing that rights are about.
type Resource string

// The resources, as kafka-acls names them.
const (
	ResourceTopic Resource = "topic"
	ResourceGroup Resource = "group"
)

// The operations, as kafka-acls names them. Who may read or write may describe
// as well, and who may alter settings may see them.
const (
	OperationRead         = "Read"
	OperationWrite        = "Write"
	OperationCreate       = "Create"
	OperationDescribe     = "Describe"
	OperationAlterConfigs = "AlterConfigs"
)

// Right is what somebody may do with one thing.
type Right struct {
	Resource   Resource
	Name       string
	Operations []string
	Why        string
}

// Role is a user and all that it needs on the brokers.
type Role struct {
	Name   string // what logs in so: a function, or a command
	Rights []Right
}

// User returns the name that the role's user has by default.
func (r Role) User() string { return "monitor-" + r.Name }

// The roles that are no functions.
const (
	RoleStandalone = "standalone" // all functions in one process
	RoleTopics     = "topics"     // the command that creates topics
	RoleLetters    = "letters"    // the command that shows and replays dead letters
)

// Roles returns what each function, the standalone monitor and each command
// needs, by the wiring, by name. No role needs a right on the cluster: who may
// write to a topic may do so idempotently, from Kafka 3.0 on.
func Roles(wiring topology.Topology) []Role {
	functions := map[string]*Role{"query": {Name: "query", Rights: []Right{
		{ResourceTopic, wiring.Topic, []string{OperationRead, OperationWrite}, "the live stream, which has no group, and checks at once of what is new"},
	}}}
	for _, name := range slices.Sorted(maps.Keys(events.Flows())) {
		functions[name] = functionRole(wiring, name)
	}
	out := []Role{{Name: RoleStandalone}}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		out[0].Rights = merged(out[0].Rights, functions[name].Rights)
		out = append(out, *functions[name])
	}
	return append(out, topicsRole(wiring), lettersRole(wiring))
}

func functionRole(wiring topology.Topology, name string) *Role {
	role := &Role{Name: name, Rights: []Right{
		{ResourceTopic, wiring.Topic, []string{OperationRead}, "the events that it handles"},
	}}
	if len(events.Flows()[name].Out) > 0 {
		role.Rights[0].Operations = append(role.Rights[0].Operations, OperationWrite)
		role.Rights[0].Why += ", and those that it emits"
	}
	copies := slices.Contains(events.Flows()[name].Out, events.TypeRowRejected)
	letters := map[string]bool{}
	for _, trigger := range wiring.Triggers {
		to := trigger.Subscriber
		if to != (topology.Ref{Kind: topology.Service, Name: name}) && (!copies || to.Kind != topology.KafkaSink) {
			continue
		}
		role.Rights = append(role.Rights, Right{ResourceGroup, groupOf(wiring, trigger), []string{OperationRead}, "its place in the events of the Trigger " + trigger.Name})
		letters[wiring.Sinks[trigger.Delivery.DeadLetter.Name]] = true
		if to.Kind == topology.KafkaSink {
			letters[wiring.Sinks[to.Name]] = true
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(letters)) {
		role.Rights = append(role.Rights, Right{ResourceTopic, topic, []string{OperationWrite}, "dead letters"})
	}
	return role
}

// groupOf returns the consumer group of a Trigger.
func groupOf(wiring topology.Topology, trigger topology.Trigger) string {
	return wiring.Broker + "-" + trigger.Name
}

func topicsRole(wiring topology.Topology) Role {
	role := Role{Name: RoleTopics}
	for _, topic := range Topics(wiring) {
		role.Rights = append(role.Rights, Right{
			ResourceTopic, topic.Name, []string{OperationCreate, OperationDescribe, OperationAlterConfigs}, "to create it, or to change its settings",
		})
	}
	return role
}

func lettersRole(wiring topology.Topology) Role {
	role := Role{Name: RoleLetters, Rights: []Right{
		{ResourceTopic, wiring.Topic, []string{OperationWrite}, "to replay events"},
	}}
	for _, topic := range slices.Sorted(maps.Values(wiring.Sinks)) {
		role.Rights = append(role.Rights, Right{ResourceTopic, topic, []string{OperationRead, OperationWrite}, "to show dead letters, and to note which were replayed"})
	}
	return role
}

// merged returns the rights of several functions, those on one thing as one.
func merged(rights, more []Right) []Right {
	out := slices.Clone(rights)
	for _, right := range more {
		at := slices.IndexFunc(out, func(r Right) bool { return r.Resource == right.Resource && r.Name == right.Name })
		if at < 0 {
			out = append(out, right)
			continue
		}
		out[at].Why = "what its functions need"
		all := slices.Concat(out[at].Operations, right.Operations)
		slices.Sort(all)
		out[at].Operations = slices.Compact(all)
	}
	return out
}
