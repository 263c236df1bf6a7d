package kafka_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// login makes a user without rights and returns how it logs in.
func login(t *testing.T, b *broker.Broker, role string) (kafka.Settings, string) {
	t.Helper()
	settings := secure(b)
	settings.User, settings.Password = "monitor-"+role+"-"+rand.Text()[:6], monitor.Secret(rand.Text())
	if err := b.SetPassword(settings.User, string(settings.Password)); err != nil {
		t.Fatalf("make the user: %v", err)
	}
	return settings, settings.User
}

// on is one thing that rights are about.
func on(kind sarama.AclResourceType, name string) sarama.Resource {
	return sarama.Resource{ResourceType: kind, ResourceName: name, ResourcePatternType: sarama.AclPatternLiteral}
}

// grant lets a user do something.
func grant(t testing.TB, b *broker.Broker, user string, what sarama.Resource, operations ...sarama.AclOperation) {
	t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	admin, err := sarama.NewClusterAdmin([]string{b.Plain}, config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	rights := &sarama.ResourceAcls{Resource: what}
	for _, operation := range operations {
		rights.Acls = append(rights.Acls, &sarama.Acl{
			Principal: "User:" + user, Host: "*", Operation: operation, PermissionType: sarama.AclPermissionAllow,
		})
	}
	if err := admin.CreateACLs([]*sarama.ResourceAcls{rights}); err != nil {
		t.Fatal(err)
	}
}

// grants are the rights of one user, as they were granted.
type grants struct {
	t       *testing.T
	broker  *broker.Broker
	user    string
	granted map[string]string // operations in order, by resource and name
}

func (g *grants) give(kind kafka.Resource, name, operation string) {
	g.t.Helper()
	var resource sarama.AclResourceType
	var one sarama.AclOperation
	if err := resource.UnmarshalText([]byte(kind)); err != nil {
		g.t.Fatal(err)
	}
	if err := one.UnmarshalText([]byte(operation)); err != nil {
		g.t.Fatal(err)
	}
	grant(g.t, g.broker, g.user, on(resource, name), one)
	key := string(kind) + " " + name
	g.granted[key] = strings.TrimSpace(g.granted[key] + " " + operation)
}

func listed(role kafka.Role) map[string]string {
	out := map[string]string{}
	for _, right := range role.Rights {
		out[string(right.Resource)+" "+right.Name] = strings.Join(right.Operations, " ")
	}
	return out
}

func roleOf(t *testing.T, wiring topology.Topology, name string) kafka.Role {
	t.Helper()
	for _, role := range kafka.Roles(wiring) {
		if role.Name == name {
			return role
		}
	}
	t.Fatalf("there is no role %s", name)
	return kafka.Role{}
}

// TestRoles runs each function as a user that has no right at first. What is
// missing is said and then granted, one right after the other: in the end it has
// exactly those that its role lists.
func TestRoles(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	for name := range events.Flows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wiring := manifests(t)
			for i := range wiring.Triggers {
				wiring.Triggers[i].Filter = topology.ByType(kindTest)
			}
			wiring = own(t, plain(b.Plain), wiring)
			settings, user := login(t, b, name)
			f := &working{grants: grants{t: t, broker: b, user: user, granted: map[string]string{}}, wiring: wiring, name: name}
			f.start(settings)
			f.receives()
			f.emits(settings)
			f.buries()
			if diff := cmp.Diff(listed(roleOf(t, wiring, name)), f.granted); diff != "" {
				t.Errorf("rights (-listed +needed):\n%s", diff)
			}
			if strings.Contains(f.lines.String(), string(settings.Password)) {
				t.Error("the log tells the password")
			}
		})
	}
}

// working is a function at work, whose rights are granted one by one.
type working struct {
	grants
	wiring  topology.Topology
	name    string
	lines   shared
	handled log
	out     *kafka.Sender
	admin   *kafka.Sender
	letters shared
}

func (w *working) start(settings kafka.Settings) {
	w.t.Helper()
	w.admin = sender(w.t, plain(w.broker.Plain), w.wiring.Topic)
	w.out = sender(w.t, settings, w.wiring.Topic)
	read(w.t, plain(w.broker.Plain), w.wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) {
		_, _ = w.letters.Write(append([]byte(decoded(w.t, record).ID()), '\n'))
	})
	c := consumer(w.t, kafka.Options{
		Settings: settings, Topology: w.wiring, Sender: w.out, Log: slog.New(slog.NewTextHandler(&w.lines, nil)),
	}, map[string]events.Handler{w.name: func(_ context.Context, in events.Event, _ events.Emit) error {
		w.handled.add(in.ID())
		if in.ID() == "bad" {
			return monitor.Errorf(monitor.Invalid, "it is bad")
		}
		return nil
	}})
	if w.copies() {
		if err := c.SubscribeSinks(); err != nil {
			w.t.Fatal(err)
		}
	}
	run(w.t, c)
}

// copies tells whether the function's process copies events to KafkaSinks too.
func (w *working) copies() bool { return w.name == "store" }

func (w *working) says(sentence string) {
	w.t.Helper()
	until(w.t, sentence, patience, func() bool { return strings.Contains(w.lines.String(), sentence) })
}

// receives grants what it takes to get events.
func (w *working) receives() {
	w.t.Helper()
	w.says("Kafka does not show the topic " + w.wiring.Topic + " to the user " + w.user)
	w.give(kafka.ResourceTopic, w.wiring.Topic, kafka.OperationRead)
	groups := []string{w.wiring.Broker + "-" + w.name}
	if w.copies() {
		groups = append(groups, w.wiring.Broker+"-rejected")
	}
	for _, group := range groups {
		w.says("let the user " + w.user + " join the group " + group + ": add an ACL for the operation READ")
		w.give(kafka.ResourceGroup, group, kafka.OperationRead)
	}
	emit(w.t, w.admin, event("good", "1"))
	until(w.t, "the event is handled", 2*patience, func() bool { return len(w.handled.all()) > 0 })
}

// emits grants what it takes to emit events, where the function does.
func (w *working) emits(settings kafka.Settings) {
	w.t.Helper()
	if len(events.Flows()[w.name].Out) == 0 {
		return
	}
	err := sender(w.t, settings, w.wiring.Topic).Emit(quickly(w.t), event("1", "1"))
	if err == nil || !strings.Contains(err.Error(), "write to the topic "+w.wiring.Topic+": add an ACL for the operation WRITE") {
		w.t.Errorf("emit without a right: got %v, want one that names it", err)
	}
	w.give(kafka.ResourceTopic, w.wiring.Topic, kafka.OperationWrite)
	other := events.New("monitor.other.v1", events.Head{ID: "1", Source: "test", Key: "1"}, &struct{}{})
	until(w.t, "an event is taken", patience, func() bool { return w.out.Emit(w.t.Context(), other) == nil })
}

// buries grants what it takes to keep dead letters.
func (w *working) buries() {
	w.t.Helper()
	letters := w.wiring.Sinks["dead-letters"]
	emit(w.t, w.admin, event("bad", "1"))
	w.says("dead letter could not be kept")
	if text := w.lines.String(); !strings.Contains(text, "Kafka does not show the topic "+letters) &&
		!strings.Contains(text, "write to the topic "+letters+": add an ACL for the operation WRITE") {
		w.t.Errorf("a dead letter without a right: got %s, want a line that names it", text)
	}
	w.give(kafka.ResourceTopic, letters, kafka.OperationWrite)
	until(w.t, "the dead letter is kept", 2*patience, func() bool { return strings.Contains(w.letters.String(), "bad\n") })
}
