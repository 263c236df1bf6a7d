package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// The user that may log in at the secure listener.
const (
	User     = "monitor"
	Password = "correct-horse-battery-staple"
)

// clusterID is any UUID in Kafka's form.
const clusterID = "MkU3OEVBNTcwNTJENDM2Qg"

// Broker is a broker that was started. It is not safe for concurrent use.
type Broker struct {
	Plain     string // host:port, without login: a superuser
	Secure    string // host:port, TLS and a login by SCRAM or PLAIN: User, without any right at first
	TLS       string // host:port, TLS without login: a superuser
	Mutual    string // host:port, TLS with certificates of both sides; see Client
	Behind    string // host:port, without login: a superuser. Whoever comes by it is told to go on by Front
	Front     string // host:port at which nobody listens: there is room for a proxy to Behind
	Authority string // the file of the certificate authority of all that speak TLS, PEM

	dir        string
	data       string // the folder of its records
	authority  *authority
	libs       string
	controller string
	log        *rig.Log
	process    *exec.Cmd
	guard      *exec.Cmd     // kills the broker when this process dies
	ended      chan struct{} // closed once it has
}

// Start fetches the broker if need be, formats its storage, and starts it. It
// returns once the broker answers.
func Start(ctx context.Context) (*Broker, error) { return StartOn(ctx, "") }

// StartOn is as Start, with the records in that folder; "": in one of its own.
func StartOn(ctx context.Context, data string) (*Broker, error) {
	libs, err := Fetch(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kafka-")
	if err != nil {
		return nil, err
	}
	b := &Broker{
		dir: dir, data: cmp.Or(data, filepath.Join(dir, "data")), libs: libs, log: &rig.Log{},
		Authority: filepath.Join(dir, authorityFile),
	}
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := b.Restart(ctx); err != nil {
		return nil, errors.Join(err, b.Remove())
	}
	return b, nil
}

func (b *Broker) prepare(ctx context.Context) error {
	named := []*string{&b.Plain, &b.Secure, &b.TLS, &b.Mutual, &b.Behind, &b.Front, &b.controller}
	addrs, err := rig.FreeAddrs(len(named))
	if err != nil {
		return err
	}
	for i, addr := range named {
		*addr = addrs[i]
	}
	if b.authority, err = newAuthority(); err != nil {
		return err
	}
	if err := b.authority.server(b.dir); err != nil {
		return err
	}
	if err := os.WriteFile(b.config(), []byte(b.properties()), 0o600); err != nil {
		return err
	}
	format := exec.CommandContext(ctx, "java", "-cp", filepath.Join(b.libs, "*"), "kafka.tools.StorageTool", //nolint:gosec // our own arguments
		"format", "-t", clusterID, "-c", b.config(), "--standalone",
		"--add-scram", fmt.Sprintf("SCRAM-SHA-512=[name=%s,password=%s]", User, Password))
	if out, err := format.CombinedOutput(); err != nil {
		return fmt.Errorf("format the storage of Kafka: %w\n%s", err, out)
	}
	return nil
}

func (b *Broker) config() string { return filepath.Join(b.dir, "server.properties") }

// Restart starts the broker on the ports and the data that it had, and returns
// once it answers. It must not be running.
func (b *Broker) Restart(ctx context.Context) error {
	b.process = exec.Command("java", "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", //nolint:noctx,gosec // it outlives its caller's ctx, to be ended at the right moment
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(b.libs, "*"), "kafka.Kafka", b.config())
	b.process.Dir = b.dir
	b.process.Stdout, b.process.Stderr = b.log, b.log
	if err := b.process.Start(); err != nil {
		return err
	}
	b.ended = make(chan struct{})
	go func(c *exec.Cmd, ended chan struct{}) {
		defer close(ended)
		_ = c.Wait() // how it ended is in its state
	}(b.process, b.ended)
	if err := b.watch(); err != nil {
		return errors.Join(err, b.Kill())
	}
	return b.await(ctx)
}

// watch starts a shell that kills the broker once this process has died, of
// which its standard input tells it.
func (b *Broker) watch() error {
	b.guard = exec.Command("sh", "-c", "read -r _; kill -9 "+strconv.Itoa(b.process.Process.Pid)) //nolint:noctx,gosec // it outlives its caller
	if _, err := b.guard.StdinPipe(); err != nil {
		return err
	}
	return b.guard.Start()
}

// startup bounds the time until a broker that was started answers.
const startup = 2 * time.Minute

func (b *Broker) await(ctx context.Context) error {
	config := sarama.NewConfig()
	config.Metadata.Retry.Max = 0
	config.Net.DialTimeout, config.Net.ReadTimeout = time.Second, 5*time.Second
	return rig.Await(ctx, "Kafka answers", startup, 50*time.Millisecond, func() (bool, error) {
		select {
		case <-b.ended:
			return false, fmt.Errorf("the Kafka broker ended by itself: %s\n%s", b.process.ProcessState, b.log)
		default:
		}
		client, err := sarama.NewClient([]string{b.Plain}, config)
		if err != nil {
			return false, nil //nolint:nilerr // not yet
		}
		defer func() { _ = client.Close() }()
		return len(client.Brokers()) > 0, nil
	})
}

// Kill ends the broker by SIGKILL, as a crash does.
func (b *Broker) Kill() error {
	_ = b.process.Process.Kill() // one that is paused too
	<-b.ended
	return b.unwatch()
}

// Stop ends the broker by SIGTERM. It has a minute.
func (b *Broker) Stop() error {
	if err := b.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-b.ended:
		return b.unwatch()
	case <-time.After(time.Minute):
		return errors.Join(errors.New("the Kafka broker did not end within a minute of SIGTERM"), b.Kill())
	}
}

// unwatch ends the guard, which would kill whoever gets the broker's number next.
func (b *Broker) unwatch() error {
	if b.guard == nil || b.guard.Process == nil {
		return nil
	}
	err := b.guard.Process.Kill()
	_ = b.guard.Wait() // it was killed
	b.guard = nil
	return err
}

// Pause stops the broker in its tracks: its connections stay open, and nothing
// is answered.
func (b *Broker) Pause() error { return b.process.Process.Signal(syscall.SIGSTOP) }

// Resume lets a paused broker go on.
func (b *Broker) Resume() error { return b.process.Process.Signal(syscall.SIGCONT) }

// Down is closed once the broker has ended, by itself too. A new life has a new
// one.
func (b *Broker) Down() <-chan struct{} { return b.ended }

// Log is the last of what the broker said.
func (b *Broker) Log() string { return b.log.String() }

// Remove kills the broker if it runs, and removes its data.
func (b *Broker) Remove() error {
	var err error
	if b.guard != nil {
		err = b.Kill()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}
