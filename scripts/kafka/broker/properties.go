package broker

import (
	"fmt"
	"path/filepath"
	"strings"
)

// properties returns the broker's configuration. Whoever comes by the plain
// listener may do anything; whoever comes by the secure one logs in by
// SCRAM-SHA-512 and may do what ACLs allow.
func (b *Broker) properties() string {
	listeners := fmt.Sprintf("PLAINTEXT://%s,SECURE://%s,CONTROLLER://%s", b.Plain, b.Secure, b.controller)
	return strings.Join([]string{
		"process.roles=broker,controller",
		"node.id=1",
		"controller.quorum.bootstrap.servers=" + b.controller,
		"controller.listener.names=CONTROLLER",
		"listeners=" + listeners,
		"advertised.listeners=" + listeners,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
		"inter.broker.listener.name=PLAINTEXT",
		"sasl.enabled.mechanisms=SCRAM-SHA-512",
		"listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"listener.name.secure.ssl.keystore.type=PEM",
		"listener.name.secure.ssl.keystore.location=" + filepath.Join(b.dir, serverFile),
		"listener.name.secure.ssl.client.auth=none",
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users=User:ANONYMOUS",
		"log.dirs=" + filepath.Join(b.dir, "data"),
		"auto.create.topics.enable=false",
		"offsets.topic.replication.factor=1",
		"offsets.topic.num.partitions=1",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"transaction.state.log.num.partitions=1",
		"share.coordinator.state.topic.replication.factor=1",
		"share.coordinator.state.topic.min.isr=1",
		"group.initial.rebalance.delay.ms=0",
		// After kill -9 the controller takes the broker of before for alive, and
		// refuses its next life, for this long.
		"broker.session.timeout.ms=3000",
		"broker.heartbeat.interval.ms=500",
		"num.network.threads=2",
		"num.io.threads=2",
		"",
	}, "\n")
}
