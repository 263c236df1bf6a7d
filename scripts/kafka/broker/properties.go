package broker

import (
	"fmt"
	"path/filepath"
	"strings"
)

// properties returns the broker's configuration. Whoever comes without a name
// may do anything; whoever has one may do what ACLs allow.
func (b *Broker) properties() string {
	listeners := fmt.Sprintf("PLAINTEXT://%s,CUT://%s,SECURE://%s,TLS://%s,MUTUAL://%s,CONTROLLER://%s",
		b.Plain, b.Behind, b.Secure, b.TLS, b.Mutual, b.controller)
	lines := []string{
		"process.roles=broker,controller",
		"node.id=1",
		"controller.quorum.bootstrap.servers=" + b.controller,
		"controller.listener.names=CONTROLLER",
		"listeners=" + listeners,
		"advertised.listeners=" + strings.Replace(listeners, "CUT://"+b.Behind, "CUT://"+b.Front, 1),
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CUT:PLAINTEXT,SECURE:SASL_SSL,TLS:SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT",
		"inter.broker.listener.name=PLAINTEXT",
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users=User:ANONYMOUS",
		"log.dirs=" + b.data,
		"metadata.log.dir=" + filepath.Join(b.dir, "metadata"),
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
	}
	return strings.Join(append(append(lines, b.security()...), ""), "\n")
}

// security returns who may come by which listener: by SECURE users with a
// password, by TLS anybody, by MUTUAL whoever has a certificate of the authority,
// under the name in it.
func (b *Broker) security() []string {
	lines := []string{
		"listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
		"listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"listener.name.secure.plain.sasl.jaas.config=" +
			fmt.Sprintf("org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=%q;", User, Password),
		"listener.name.secure.ssl.client.auth=none",
		"listener.name.tls.ssl.client.auth=none",
		"listener.name.mutual.ssl.client.auth=required",
		"listener.name.mutual.ssl.truststore.type=PEM",
		"listener.name.mutual.ssl.truststore.location=" + b.Authority,
		"listener.name.mutual.ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/",
	}
	for _, listener := range []string{"secure", "tls", "mutual"} {
		lines = append(lines,
			"listener.name."+listener+".ssl.keystore.type=PEM",
			"listener.name."+listener+".ssl.keystore.location="+filepath.Join(b.dir, serverFile))
	}
	return lines
}
