package host

import (
	"errors"
	"fmt"
	"net"
	"reflect"
	"slices"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Settings are what every function that runs as a process of its own reads.
type Settings struct {
	Addr     string        `envconfig:"MONITOR_ADDR" default:"127.0.0.1:8080" desc:"address to listen on, host:port"`
	Auth     string        `envconfig:"MONITOR_AUTH" default:"none" desc:"who may use the API: none (loopback addresses only) or token"`
	Events   string        `envconfig:"MONITOR_EVENTS" default:"http" desc:"how events travel: bus (in memory, all functions in one process), http (one process for each function, behind a broker) or kafka (as many processes as you like)"`
	Log      string        `envconfig:"MONITOR_LOG" default:"json" desc:"format of the log: text or json"`
	LogLevel string        `envconfig:"MONITOR_LOG_LEVEL" default:"info" desc:"least level that is logged: debug, info, warn or error"`
	Slot     time.Duration `envconfig:"MONITOR_SLOT" default:"10s" desc:"slot: the time that one round of checks covers, equal to the cadence of the tick"`
	Sink     string        `envconfig:"K_SINK" desc:"address of the broker; set by the platform"`
	Service  string        `envconfig:"K_SERVICE" desc:"name of the Knative service; set by the platform. Where it is set, a function listens on all addresses, at PORT"`
	Port     string        `envconfig:"PORT" default:"8080" desc:"port to listen on where K_SERVICE is set; set by the platform"`
}

// Check returns an Invalid error for a way of events that a process of its own
// does not have.
func (s Settings) Check() error {
	switch s.Events {
	case "http":
		return nil
	case "kafka":
		if s.Sink != "" {
			return monitor.FieldErrorf("K_SINK", "must not be set where MONITOR_EVENTS is kafka: events go to the brokers, got %q", s.Sink)
		}
		return nil
	case "bus":
		return monitor.FieldErrorf("MONITOR_EVENTS", "must be http or kafka here: bus joins all functions in one process, which standalone does")
	default:
		return monitor.FieldErrorf("MONITOR_EVENTS", "must be http or kafka, got %q", s.Events)
	}
}

// checker is implemented by settings that know which of their values cannot be.
type checker interface{ Check() error }

// Load reads settings from the environment into a struct with envconfig tags,
// as all mains do. The error, which is Invalid, names every value that cannot be
// read and, if the struct has a Check, what that says of all others.
func Load(settings any) error {
	value := reflect.ValueOf(settings)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return monitor.Errorf(monitor.Internal, "settings must be a pointer to a struct, got %T", settings)
	}
	faults := loadFields(value.Elem())
	if checked, ok := settings.(checker); ok {
		faults = append(faults, others(checked.Check(), faults)...)
	}
	return errors.Join(faults...)
}

// others returns the faults that a check found, without those of fields that
// could not be read.
func others(found error, known []error) []error {
	switch joined := any(found).(type) {
	case nil:
		return nil
	case *monitor.Error: // one fault, though it wraps its code
	case interface{ Unwrap() []error }:
		var faults []error
		for _, one := range joined.Unwrap() {
			faults = append(faults, others(one, known)...)
		}
		return faults
	}
	if slices.ContainsFunc(known, func(k error) bool { return fieldOf(k) != "" && fieldOf(k) == fieldOf(found) }) {
		return nil
	}
	return []error{found}
}

func fieldOf(err error) string {
	if known, ok := errors.AsType[*monitor.Error](err); ok {
		return known.Field
	}
	return ""
}

// loadFields reads the fields one by one: envconfig stops at the first fault of
// what it is given. A field that cannot be read has its default, so that the
// check of the others does not stumble over it.
func loadFields(fields reflect.Value) []error {
	var faults []error
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if field.Type.Kind() == reflect.Struct && field.Tag.Get("envconfig") == "" {
			faults = append(faults, loadFields(fields.Field(i))...)
			continue
		}
		one, err := read(field, field.Tag)
		if err != nil {
			faults = append(faults, fault(field.Tag.Get("envconfig"), err))
			unset := fmt.Sprintf(`envconfig:"%s_DEFAULT" default:%q`, field.Tag.Get("envconfig"), field.Tag.Get("default"))
			one, err = read(field, reflect.StructTag(unset))
		}
		if err == nil {
			fields.Field(i).Set(one)
		}
	}
	return faults
}

// read returns the value that the environment has for a field with the tag.
func read(field reflect.StructField, tag reflect.StructTag) (reflect.Value, error) {
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: field.Name, Type: field.Type, Tag: tag}}))
	err := envconfig.Process("", one.Interface())
	return one.Elem().Field(0), err
}

func fault(name string, err error) error {
	if parse, ok := errors.AsType[*envconfig.ParseError](err); ok {
		kind := parse.TypeName
		if kind == "time.Duration" {
			kind = "time such as 10s or 1m"
		}
		return monitor.FieldErrorf(name, "must be a %s, got %q", kind, parse.Value)
	}
	return monitor.FieldErrorf(name, "%v", err)
}

// listenAddress returns where to listen, and whether others may reach it. Only
// the platform that set K_SERVICE, or the login of the API, keeps others out.
func (s Settings) listenAddress(api bool) (address string, open bool) {
	address, open = s.Addr, api && s.Auth != "none"
	if s.Service != "" {
		return net.JoinHostPort("", s.Port), open || !api
	}
	return address, open
}
