package broker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// Version is that of the broker.
const Version = "4.1.1"

const (
	plugin   = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
	leastJRE = 17
)

// project names the broker and a place for its log lines: Kafka 4.1 uses the
// API of slf4j 1.7, so the binding must be of that line too.
const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>monitor</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + Version + `</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

// Check returns an error that says what is missing here to run a broker.
func Check(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "java", "-version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("a Kafka broker needs Java %d: install it (Debian: openjdk-17-jre-headless) so that java is in PATH: %w", leastJRE, err)
	}
	if got := javaVersion(string(out)); got < leastJRE {
		return fmt.Errorf("a Kafka broker needs Java %d or later, and java in PATH is %d", leastJRE, got)
	}
	if _, err := artifacts(); err == nil {
		return nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return fmt.Errorf("fetching the Kafka broker needs Maven: install it (Debian: maven) so that mvn is in PATH: %w", err)
	}
	return nil
}

var versionLine = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

func javaVersion(text string) int {
	match := versionLine.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	major, _ := strconv.Atoi(match[1]) // digits
	return major
}

// Fetch makes sure that the broker's artifacts are in the cache folder, and
// returns the folder that they are in.
func Fetch(ctx context.Context) (string, error) {
	if err := Check(ctx); err != nil {
		return "", err
	}
	if folder, err := artifacts(); !errors.Is(err, fs.ErrNotExist) {
		return folder, err
	}
	folder, err := cache()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(folder), "fetch-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := download(ctx, fresh); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(fresh, "libs"), folder); err != nil {
		return artifacts() // someone else was first
	}
	return folder, nil
}

func download(ctx context.Context, folder string) error {
	if err := os.WriteFile(filepath.Join(folder, "pom.xml"), []byte(project), 0o600); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "mvn", "-q", "-B", plugin, "-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(folder, "libs"))
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch Kafka %s with Maven: %w\n%s", Version, err, out)
	}
	return nil
}

func cache() (string, error) {
	root, err := os.UserCacheDir()
	return filepath.Join(root, "api-endpoint-monitor", "kafka-"+Version), err
}

// artifacts returns the folder of the cache if it is there.
func artifacts() (string, error) {
	folder, err := cache()
	if err != nil {
		return "", err
	}
	_, err = os.Stat(folder)
	return folder, err
}
